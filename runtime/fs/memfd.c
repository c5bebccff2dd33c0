/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "fs/memfd.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "fs/file.h"
#include "fs/open.h"
#include "fs/ramfs.h"
#include "mm/object.h"

static struct mount *mount;

/* A file system that is mounted nowhere. */
static long start(void) {
    static struct mutex mutex;

    mutex_take(&mutex);
    if (!mount)
        mount = ramfs_make("tmpfs", "tmpfs", 0755, NULL);
    mutex_drop(&mutex);
    return mount ? 0 : -ENOMEM;
}

/* An entry that is removed: so it has a path that shows what it is. */
static long make_entry(struct vnode *vnode, struct name name, struct entry **e) {
    struct mutex *lock = &mount->root->vnode->lock;

    mutex_take(lock);
    long error = entry_add(mount->root, name, vnode, e);
    if (!error)
        entry_remove(*e);
    mutex_drop(lock);
    return error;
}

long memfd_make(struct name name, bool can_be_sealed, unsigned mode, struct file **file) {
    struct entry *e;
    long error = start();
    struct vnode *vnode = error ? NULL : ramfs_file(mount, S_IFREG | mode);

    if (!vnode)
        return -ENOMEM;
    vnode->links = 0;
    vnode->seals = SEAL_POSSIBLE | (can_be_sealed ? 0 : SEAL_SEAL);
    error = make_entry(vnode, name, &e);
    if (error)
        return error;
    error = open_vnode(vnode, e, O_RDWR, file);
    entry_drop(e);
    return error;
}

static bool is_written_by_mapping(struct vnode *vnode) {
    return space_is_object_writable(vnode->ops->object(vnode));
}

static long add(struct file *file, unsigned seals) {
    struct vnode *v = file->vnode;

    if ((file->flags & O_ACCMODE) == O_RDONLY || v->seals & SEAL_SEAL)
        return -EPERM;
    if (seals & SEAL_WRITE && !(v->seals & SEAL_WRITE) && is_written_by_mapping(v))
        return -EBUSY;
    v->seals |= seals;
    return 0;
}

long seals_control(struct file *file, int command, unsigned seals) {
    struct vnode *v = file->vnode;

    if (command == F_ADD_SEALS && seals & ~(unsigned)SEAL_ALL)
        return -EINVAL;
    if (!v || !(v->seals & SEAL_POSSIBLE))
        return -EINVAL;
    mutex_take(&v->lock);
    long result = command == F_ADD_SEALS ? add(file, seals) : (long)(v->seals & SEAL_ALL);
    mutex_drop(&v->lock);
    return result;
}

long seals_check_write(const struct vnode *v, int64_t end) {
    if (v->seals & (SEAL_WRITE | SEAL_FUTURE_WRITE))
        return -EPERM;
    return v->seals & SEAL_GROW && end > v->size ? -EPERM : 0;
}

long seals_check_size(const struct vnode *v, int64_t size) {
    return (v->seals & SEAL_SHRINK && size < v->size) ||
                   (v->seals & SEAL_GROW && size > v->size)
               ? -EPERM
               : 0;
}
