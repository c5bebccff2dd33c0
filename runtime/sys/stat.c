/* SPDX-License-Identifier: MIT */
/* System calls: what is known of files. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/string.h"
#include "fs/file.h"
#include "fs/hooks.h"
#include "fs/mount.h"
#include "fs/path.h"
#include "fs/vnode.h"
#include "mm/heap.h"
#include "pv/access.h"
#include "sys/calls.h"

enum { AT_FLAGS = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH };

/* By AT_* flags: what the path leads to. */
static long find(int directory, const char *path, int flags, struct target *target) {
    unsigned walk = (flags & AT_SYMLINK_NOFOLLOW ? 0 : PATH_FOLLOW) |
                    (flags & AT_EMPTY_PATH ? PATH_EMPTY : 0);
    long error = files_start();

    return error ? error : path_find(directory, path, walk, target);
}

static long stat_target(const struct target *target, struct stat *stat) {
    if (target->file)
        return file_stat(target->file, stat);
    return vnode_stat(target->entry->vnode, stat);
}

static long stat_at(int directory, const char *path, int flags, struct stat *stat) {
    struct target target;
    long error = find(directory, path, flags, &target);

    if (error)
        return error;
    error = stat_target(&target, stat);
    target_drop(&target);
    return error;
}

long atman_sys_newfstatat(int directory, const char *path, struct stat *stat, int flags) {
    struct stat own;

    if (flags & ~AT_FLAGS)
        return -EINVAL;
    long error = stat_at(directory, path, flags, &own);
    return error ? error : user_write(stat, &own, sizeof own);
}

long atman_sys_stat(const char *path, struct stat *stat) {
    return atman_sys_newfstatat(AT_FDCWD, path, stat, 0);
}

long atman_sys_lstat(const char *path, struct stat *stat) {
    return atman_sys_newfstatat(AT_FDCWD, path, stat, AT_SYMLINK_NOFOLLOW);
}

static struct statx_timestamp statx_time(struct timespec t) {
    return (struct statx_timestamp){.tv_sec = t.tv_sec, .tv_nsec = (uint32_t)t.tv_nsec};
}

static unsigned major_of(uint64_t device) {
    return (unsigned)(device >> 8 & 0xfff);
}

static unsigned minor_of(uint64_t device) {
    return (unsigned)((device & 0xff) | (device >> 12 & 0xfff00));
}

static struct statx to_statx(const struct stat *s, int64_t born) {
    return (struct statx){.stx_mask = STATX_BASIC_STATS | (born ? STATX_BTIME : 0),
                          .stx_blksize = (uint32_t)s->st_blksize,
                          .stx_nlink = (uint32_t)s->st_nlink,
                          .stx_uid = s->st_uid,
                          .stx_gid = s->st_gid,
                          .stx_mode = (uint16_t)s->st_mode,
                          .stx_ino = s->st_ino,
                          .stx_size = (uint64_t)s->st_size,
                          .stx_blocks = (uint64_t)s->st_blocks,
                          .stx_atime = statx_time(s->st_atim),
                          .stx_btime = statx_time((struct timespec){
                              born / (int64_t)NS_PER_SEC, born % (int64_t)NS_PER_SEC}),
                          .stx_ctime = statx_time(s->st_ctim),
                          .stx_mtime = statx_time(s->st_mtim),
                          .stx_rdev_major = major_of(s->st_rdev),
                          .stx_rdev_minor = minor_of(s->st_rdev),
                          .stx_dev_major = major_of(s->st_dev),
                          .stx_dev_minor = minor_of(s->st_dev)};
}

long atman_sys_statx(int directory, const char *path, int flags, unsigned mask,
                     struct statx *result) {
    enum { SYNC_FLAGS = 0x6000, RESERVED = 0x80000000u };
    struct target target;
    struct stat stat;

    if (flags & ~(AT_FLAGS | SYNC_FLAGS) || (flags & SYNC_FLAGS) == SYNC_FLAGS ||
        mask & (unsigned)RESERVED)
        return -EINVAL;
    long error = find(directory, path, flags, &target);
    if (error)
        return error;
    error = stat_target(&target, &stat);
    int64_t born = target.entry && mask & STATX_BTIME ? target.entry->vnode->born : 0;
    target_drop(&target);
    struct statx all = to_statx(&stat, born);
    return error ? error : user_write(result, &all, sizeof all);
}

/* Root may do all, but execute what nobody may; a read-only mount is one for it, too. */
static long may(const struct vnode *vnode, int mode) {
    bool is_kept = S_ISREG(vnode->mode) || S_ISDIR(vnode->mode) || S_ISLNK(vnode->mode);

    if (mode & W_OK && is_kept && mount_check(vnode))
        return -EROFS;
    return mode & X_OK ? vnode_may_execute(vnode) : 0;
}

long atman_sys_faccessat2(int directory, const char *path, int mode, int flags) {
    struct target target;

    if (mode & ~(R_OK | W_OK | X_OK) ||
        flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
        return -EINVAL;
    long error = find(directory, path, flags & ~AT_EACCESS, &target);
    if (error)
        return error;
    if (target.entry)
        error = may(target.entry->vnode, mode);
    else if (mode & X_OK)
        error = -EACCES;
    target_drop(&target);
    return error;
}

long atman_sys_faccessat(int directory, const char *path, int mode) {
    return atman_sys_faccessat2(directory, path, mode, 0);
}

long atman_sys_access(const char *path, int mode) {
    return atman_sys_faccessat2(AT_FDCWD, path, mode, 0);
}

static long copy_link(struct vnode *link, char *buffer, size_t size) {
    char *text = heap_alloc(PATH_MOST);

    if (!text)
        return -ENOMEM;
    mutex_take(&link->lock);
    long n = link->ops->read_link ? link->ops->read_link(link, text, PATH_MOST) : -EINVAL;
    mutex_drop(&link->lock);
    if (n > 0 && (size_t)n > size)
        n = (long)size;
    if (n > 0 && user_write(buffer, text, (size_t)n))
        n = -EFAULT;
    heap_free(text);
    return n;
}

long atman_sys_readlinkat(int directory, const char *path, char *buffer, int size) {
    struct target target;

    if (size <= 0)
        return -EINVAL;
    long n = find(directory, path, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH, &target);
    if (n)
        return n;
    n = target.entry && S_ISLNK(target.entry->vnode->mode)
            ? copy_link(target.entry->vnode, buffer, (size_t)size)
            : -EINVAL;
    char first = 1;
    if (n == -EINVAL && !user_read(&first, path, 1) && !first)
        n = -ENOENT; /* an empty path to what is no link */
    target_drop(&target);
    return n;
}

long atman_sys_readlink(const char *path, char *buffer, int size) {
    return atman_sys_readlinkat(AT_FDCWD, path, buffer, size);
}

/* MS_* as statfs has it. */
static long stat_flags(unsigned long flags) {
    const unsigned long same = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC |
                               MS_SYNCHRONOUS | MS_MANDLOCK | MS_NOATIME | MS_NODIRATIME;
    enum { VALID = 0x20, RELATIVE_TIMES = 0x1000 };

    return (long)(flags & same) | VALID | (flags & MS_RELATIME ? RELATIVE_TIMES : 0);
}

static long say_mount(const struct vnode *vnode, struct statfs *result) {
    struct statfs stat = {
        .f_bsize = PAGE_SIZE, .f_frsize = PAGE_SIZE, .f_namelen = NAME_MOST};
    struct mount *mount = vnode ? vnode->mount : NULL;
    long error = mount && mount->stat ? mount->stat(mount, &stat) : 0;

    if (mount) {
        stat.f_fsid.__val[0] = (int)mount->device;
        stat.f_flags = stat_flags(mount->flags);
    }
    return error ? error : user_write(result, &stat, sizeof stat);
}

long atman_sys_statfs(const char *path, struct statfs *result) {
    struct target target;
    long error = find(AT_FDCWD, path, 0, &target);

    if (error)
        return error;
    error = say_mount(target.entry ? target.entry->vnode : NULL, result);
    target_drop(&target);
    return error;
}

long atman_sys_fstatfs(int fd, struct statfs *result) {
    long error = files_start();
    struct file *file = error ? NULL : fd_get(fd);

    if (!file)
        return error ? error : -EBADF;
    error = say_mount(file->vnode, result);
    file_drop(file);
    return error;
}
