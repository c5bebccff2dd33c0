/* SPDX-License-Identifier: MIT */
/* System calls: what can be changed of files: modes, owners, times. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <utime.h>

#include "fs/file.h"
#include "fs/hooks.h"
#include "fs/mount.h"
#include "fs/names.h"
#include "fs/path.h"
#include "fs/vnode.h"
#include "pv/access.h"
#include "sched/clock.h"
#include "sys/calls.h"

enum { PERMISSIONS = 07777, UNCHANGED = -1 };

/* What is to become of a vnode. */
struct change {
    int mode; /* UNCHANGED, as below */
    unsigned uid, gid;
    bool times;
    int64_t accessed, modified; /* ns; UTIME_NO: unchanged */
};

#define UTIME_NO INT64_MIN

static long apply(struct vnode *vnode, const struct change *c) {
    mutex_take(&vnode->lock);
    if (c->mode != UNCHANGED)
        vnode->mode = (vnode->mode & S_IFMT) | ((unsigned)c->mode & PERMISSIONS);
    if (c->uid != (unsigned)UNCHANGED)
        vnode->uid = c->uid;
    if (c->gid != (unsigned)UNCHANGED)
        vnode->gid = c->gid;
    if ((c->uid & c->gid) != (unsigned)UNCHANGED && !S_ISDIR(vnode->mode))
        vnode->mode &= vnode->mode & 010 ? ~06000u : ~04000u;
    if (c->times && c->accessed != UTIME_NO)
        vnode->accessed = c->accessed;
    if (c->times && c->modified != UTIME_NO)
        vnode->modified = c->modified;
    vnode_touch(vnode, TOUCH_CHANGE);
    long error = vnode->ops->keep ? vnode->ops->keep(vnode) : 0;
    mutex_drop(&vnode->lock);
    return error;
}

static long apply_to(struct entry *entry, struct vnode *vnode, const struct change *c) {
    if (!vnode)
        return 0; /* a pipe's are nobody's */
    long error = mount_check(vnode);
    if (!error)
        error = apply(vnode, c);
    if (!error && names_tell && entry)
        names_tell(entry, IN_ATTRIB, NULL, 0);
    return error;
}

static long change_at(int directory, const char *path, int flags, const struct change *c) {
    unsigned walk = (flags & AT_SYMLINK_NOFOLLOW ? 0 : PATH_FOLLOW) |
                    (flags & AT_EMPTY_PATH ? PATH_EMPTY : 0);
    struct target target;
    long error = files_start();

    if (error)
        return error;
    error = path_find(directory, path, walk, &target);
    if (error)
        return error;
    if (c->mode != UNCHANGED && target.entry && S_ISLNK(target.entry->vnode->mode))
        error = -EOPNOTSUPP;
    else if (target.entry)
        error = apply_to(target.entry, target.entry->vnode, c);
    else
        error = apply_to(NULL, target.file->vnode, c);
    target_drop(&target);
    return error;
}

static long change_open(int fd, const struct change *c) {
    long error = files_start();
    struct file *file = error ? NULL : fd_get(fd);

    if (!file)
        return error ? error : -EBADF;
    error = file->flags & O_PATH ? -EBADF : apply_to(file->entry, file->vnode, c);
    file_drop(file);
    return error;
}

static struct change mode_of(unsigned mode) {
    return (struct change){.mode = (int)(mode & PERMISSIONS),
                           .uid = (unsigned)UNCHANGED,
                           .gid = (unsigned)UNCHANGED};
}

long atman_sys_fchmodat2(int directory, const char *path, unsigned mode, int flags) {
    struct change c = mode_of(mode);

    return flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)
               ? -EINVAL
               : change_at(directory, path, flags, &c);
}

long atman_sys_fchmodat(int directory, const char *path, unsigned mode) {
    return atman_sys_fchmodat2(directory, path, mode, 0);
}

long atman_sys_chmod(const char *path, unsigned mode) {
    return atman_sys_fchmodat2(AT_FDCWD, path, mode, 0);
}

long atman_sys_fchmod(int fd, unsigned mode) {
    struct change c = mode_of(mode);

    return change_open(fd, &c);
}

long atman_sys_fchownat(int directory, const char *path, unsigned uid, unsigned gid,
                        int flags) {
    struct change c = {.mode = UNCHANGED, .uid = uid, .gid = gid};

    return flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)
               ? -EINVAL
               : change_at(directory, path, flags, &c);
}

long atman_sys_chown(const char *path, unsigned uid, unsigned gid) {
    return atman_sys_fchownat(AT_FDCWD, path, uid, gid, 0);
}

long atman_sys_lchown(const char *path, unsigned uid, unsigned gid) {
    return atman_sys_fchownat(AT_FDCWD, path, uid, gid, AT_SYMLINK_NOFOLLOW);
}

long atman_sys_fchown(int fd, unsigned uid, unsigned gid) {
    struct change c = {.mode = UNCHANGED, .uid = uid, .gid = gid};

    return change_open(fd, &c);
}

static long to_ns(const struct timespec *t, int64_t *ns) {
    if (t->tv_nsec == UTIME_OMIT)
        *ns = UTIME_NO;
    else if (t->tv_nsec == UTIME_NOW)
        *ns = (int64_t)clock_realtime();
    else if (t->tv_nsec < 0 || t->tv_nsec >= (long)NS_PER_SEC)
        return -EINVAL;
    else if (__builtin_mul_overflow(t->tv_sec, (int64_t)NS_PER_SEC, ns))
        *ns = t->tv_sec < 0 ? INT64_MIN + 1 : INT64_MAX;
    else
        *ns += t->tv_nsec;
    return 0;
}

static long times_of(const struct timespec *times, struct change *c) {
    static const struct timespec now = {.tv_nsec = UTIME_NOW};
    struct timespec both[2] = {now, now};

    *c = (struct change){.mode = UNCHANGED,
                         .uid = (unsigned)UNCHANGED,
                         .gid = (unsigned)UNCHANGED,
                         .times = true};
    if (times && user_read(both, times, sizeof both))
        return -EFAULT;
    long error = to_ns(&both[0], &c->accessed);
    return error ? error : to_ns(&both[1], &c->modified);
}

long atman_sys_utimensat(int directory, const char *path, const struct timespec *times,
                         int flags) {
    struct change c;
    long error = times_of(times, &c);

    if (error)
        return error;
    if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) ||
        (!path && directory != AT_FDCWD && flags))
        return -EINVAL;
    if (c.accessed == UTIME_NO && c.modified == UTIME_NO)
        return 0;
    return path || directory == AT_FDCWD ? change_at(directory, path, flags, &c)
                                         : change_open(directory, &c);
}

/* With microseconds, or whole seconds. */
static long set_times(int directory, const char *path, const int64_t *seconds,
                      const int64_t *ns) {
    struct change c = {.mode = UNCHANGED,
                       .uid = (unsigned)UNCHANGED,
                       .gid = (unsigned)UNCHANGED,
                       .times = true};

    c.accessed = seconds[0] * (int64_t)NS_PER_SEC + ns[0];
    c.modified = seconds[1] * (int64_t)NS_PER_SEC + ns[1];
    return change_at(directory, path, 0, &c);
}

long atman_sys_futimesat(int directory, const char *path, const struct timeval *times) {
    struct timeval both[2];

    if (!times)
        return atman_sys_utimensat(directory, path, NULL, 0);
    if (user_read(both, times, sizeof both))
        return -EFAULT;
    for (int i = 0; i < 2; i++)
        if (both[i].tv_usec < 0 || both[i].tv_usec >= 1000000)
            return -EINVAL;
    return set_times(directory, path, (int64_t[]){both[0].tv_sec, both[1].tv_sec},
                     (int64_t[]){both[0].tv_usec * 1000, both[1].tv_usec * 1000});
}

long atman_sys_utimes(const char *path, const struct timeval *times) {
    return atman_sys_futimesat(AT_FDCWD, path, times);
}

long atman_sys_utime(const char *path, const struct utimbuf *times) {
    struct utimbuf both;

    if (!times)
        return atman_sys_utimensat(AT_FDCWD, path, NULL, 0);
    if (user_read(&both, times, sizeof both))
        return -EFAULT;
    return set_times(AT_FDCWD, path, (int64_t[]){both.actime, both.modtime},
                     (int64_t[]){0, 0});
}
