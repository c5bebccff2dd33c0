/* SPDX-License-Identifier: MIT */
/*
 * System calls: mounting. A tree of files is at one place only, so nothing can be mounted
 * twice (MS_BIND) nor moved; what concerns several namespaces of mounts does nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/string.h"
#include "fs/hooks.h"
#include "fs/mount.h"
#include "fs/path.h"
#include "fs/proc.h"
#include "fs/tmpfs.h"
#include "log/log.h"
#include "mm/heap.h"
#include "pv/access.h"
#include "sys/calls.h"

static const struct {
    const char *name;
    long (*make)(const char *type, const char *source, const char *options,
                 struct mount **made);
} types[] = {
    {"tmpfs", tmpfs_make},
    {"ramfs", tmpfs_make_unlimited},
    {"proc", proc_make},
    {"sysfs", proc_make},
};

enum {
    MAGIC = 0xc0ed,
    SPREADS = MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE,
    TIMES = MS_NOATIME | MS_NODIRATIME | MS_RELATIME | MS_STRICTATIME,
    KEPT = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_SYNCHRONOUS | MS_MANDLOCK |
           MS_DIRSYNC | MS_NOATIME | MS_NODIRATIME,
};

/* The program's, as a new string of the runtime's; NULL stays NULL. */
static long copy_string(const char *from, char **copy) {
    *copy = NULL;
    if (!from)
        return 0;
    char *text = heap_alloc(PATH_MOST);
    if (!text)
        return -ENOMEM;
    *copy = text;
    for (size_t i = 0; i < PATH_MOST; i++) {
        if (user_read(text + i, from + i, 1))
            return -EFAULT;
        if (!text[i])
            return 0;
    }
    return -EINVAL;
}

static unsigned long keep(unsigned long flags) {
    unsigned long kept = flags & KEPT;

    return flags & (MS_NOATIME | MS_STRICTATIME) ? kept : kept | MS_RELATIME;
}

static bool is_topmost(const struct entry *e) {
    return e->parent == e;
}

/* The entry is the topmost of what is mounted. */
static long remount(struct entry *e, unsigned long flags, const char *options) {
    struct mount *m = e->vnode->mount;
    unsigned long kept = keep(flags);

    if (!is_topmost(e))
        return -EINVAL;
    if (!(flags & TIMES))
        kept = (kept & ~(unsigned long)TIMES) | (m->flags & TIMES);
    mutex_take(&mounts_mutex);
    long error = m->change && !(flags & MS_BIND) ? m->change(m, options) : 0;
    if (!error)
        error = mount_set_flags(m, kept);
    mutex_drop(&mounts_mutex);
    return error;
}

/* Takes over the reference to the entry. */
static long mount_new(struct entry *at, const char *type, const char *source,
                      unsigned long flags, const char *options) {
    struct mount *m;
    long error = type ? -ENODEV : -EINVAL;

    for (unsigned i = 0; type && i < ARRAY_SIZE(types); i++)
        if (!strcmp(types[i].name, type))
            error = types[i].make(types[i].name, source, options, &m);
    if (!error && !S_ISDIR(at->vnode->mode)) {
        entry_drop(m->root);
        error = -ENOTDIR;
    }
    if (error) {
        entry_drop(at);
        return error;
    }
    m->flags = keep(flags);
    struct entry *top = m->root;
    error = mount_at(m, at);
    if (error)
        entry_drop(top);
    return error;
}

static long mount_strings(const char *source, const char *target, const char *type,
                          unsigned long flags, const char *options) {
    struct entry *at;

    long error = path_find_entry(AT_FDCWD, target, PATH_FOLLOW, &at);
    if (error)
        return error;
    if (!(flags & (MS_REMOUNT | MS_BIND | MS_MOVE | SPREADS)))
        return mount_new(at, type, source ? source : "none", flags, options ? options : "");
    if (flags & MS_REMOUNT) {
        error = remount(at, flags, options ? options : "");
    } else if (flags & (MS_BIND | MS_MOVE)) {
        log_warn("mount: a tree of files has one place here: no MS_BIND, no MS_MOVE");
        error = -EINVAL;
    } else if (!is_topmost(at)) {
        error = -EINVAL;
    }
    entry_drop(at);
    return error;
}

long atman_sys_mount(const char *source, const char *target, const char *type,
                     unsigned long flags, const void *options) {
    char *from = NULL, *kind = NULL, *how = NULL;
    long error = files_start();

    if (flags >> 16 == MAGIC) /* as it had to be once */
        flags &= 0xffff;
    if (!error)
        error = copy_string(type, &kind);
    if (!error)
        error = copy_string(source, &from);
    if (!error)
        error = copy_string(options, &how);
    if (!error)
        error = mount_strings(from, target, kind, flags, how);
    heap_free(from);
    heap_free(kind);
    heap_free(how);
    return error;
}

long atman_sys_umount2(const char *target, int flags) {
    struct entry *e;
    long error = files_start();

    if (error)
        return error;
    if (flags & ~(MNT_FORCE | MNT_DETACH | UMOUNT_NOFOLLOW))
        return -EINVAL;
    error =
        path_find_entry(AT_FDCWD, target, flags & UMOUNT_NOFOLLOW ? 0 : PATH_FOLLOW, &e);
    if (error)
        return error;
    struct entry *root = path_root();
    bool is_root = e == root && is_topmost(e) && !(flags & MNT_DETACH);
    entry_drop(root);
    error = is_root ? -EBUSY : mount_remove(e, flags & MNT_DETACH);
    entry_drop(e);
    return error;
}
