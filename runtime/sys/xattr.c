/* SPDX-License-Identifier: MIT */
/*
 * System calls: extended attributes, which no file has and none can have. The file is
 * looked for all the same, so that programs that copy attributes tell one error from the
 * other.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>

#include "fs/file.h"
#include "fs/hooks.h"
#include "fs/path.h"
#include "sys/calls.h"

static long by_path(const char *path, unsigned flags, long result) {
    struct target target;
    long error = files_start();

    if (!error)
        error = path_find(AT_FDCWD, path, flags, &target);
    if (error)
        return error;
    target_drop(&target);
    return result;
}

static long by_fd(int fd, long result) {
    long error = files_start();
    struct file *file = error ? NULL : fd_get(fd);

    if (!file)
        return error ? error : -EBADF;
    if (file->flags & O_PATH)
        result = -EBADF;
    file_drop(file);
    return result;
}

long atman_sys_setxattr(const char *path, const char *name, const void *value, size_t size,
                        int flags) {
    (void)name, (void)value, (void)size, (void)flags;
    return by_path(path, PATH_FOLLOW, -EOPNOTSUPP);
}

long atman_sys_lsetxattr(const char *path, const char *name, const void *value, size_t size,
                         int flags) {
    (void)name, (void)value, (void)size, (void)flags;
    return by_path(path, 0, -EOPNOTSUPP);
}

long atman_sys_fsetxattr(int fd, const char *name, const void *value, size_t size,
                         int flags) {
    (void)name, (void)value, (void)size, (void)flags;
    return by_fd(fd, -EOPNOTSUPP);
}

long atman_sys_getxattr(const char *path, const char *name, void *value, size_t size) {
    (void)name, (void)value, (void)size;
    return by_path(path, PATH_FOLLOW, -EOPNOTSUPP);
}

long atman_sys_lgetxattr(const char *path, const char *name, void *value, size_t size) {
    (void)name, (void)value, (void)size;
    return by_path(path, 0, -EOPNOTSUPP);
}

long atman_sys_fgetxattr(int fd, const char *name, void *value, size_t size) {
    (void)name, (void)value, (void)size;
    return by_fd(fd, -EOPNOTSUPP);
}

/* There are none to list. */
long atman_sys_listxattr(const char *path, char *list, size_t size) {
    (void)list, (void)size;
    return by_path(path, PATH_FOLLOW, 0);
}

long atman_sys_llistxattr(const char *path, char *list, size_t size) {
    (void)list, (void)size;
    return by_path(path, 0, 0);
}

long atman_sys_flistxattr(int fd, char *list, size_t size) {
    (void)list, (void)size;
    return by_fd(fd, 0);
}

long atman_sys_removexattr(const char *path, const char *name) {
    (void)name;
    return by_path(path, PATH_FOLLOW, -EOPNOTSUPP);
}

long atman_sys_lremovexattr(const char *path, const char *name) {
    (void)name;
    return by_path(path, 0, -EOPNOTSUPP);
}

long atman_sys_fremovexattr(int fd, const char *name) {
    (void)name;
    return by_fd(fd, -EOPNOTSUPP);
}
