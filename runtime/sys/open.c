/* SPDX-License-Identifier: MIT */
/* System calls: opening, duplicating. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "fs/file.h"
#include "fs/hooks.h"
#include "fs/open.h"
#include "fs/ramfs.h"
#include "pv/access.h"
#include "sched/mutex.h"
#include "sched/settle.h"
#include "sys/calls.h"

/* The descriptor comes first, so that nothing is made or truncated in vain. */
static long open_reserved(int directory, const char *path, int flags, unsigned mode,
                          unsigned walk) {
    struct file *file = NULL;
    long fd = fd_reserve();

    if (fd < 0)
        return fd;
    long error = open_path(directory, path, (unsigned)flags, mode, walk, &file);
    fd_settle((int)fd, error ? NULL : file, flags & O_CLOEXEC);
    return error ? error : fd;
}

static long open_at(int directory, const char *path, int flags, unsigned mode,
                    unsigned walk) {
    long fd = files_start();

    if (fd)
        return fd;
    do { /* a FIFO waits for its other end */
        handlers_hold();
        fd = open_reserved(directory, path, flags, mode, walk);
    } while (handlers_settle(&fd));
    return fd;
}

long atman_sys_openat(int directory, const char *path, int flags, unsigned mode) {
    return open_at(directory, path, flags, mode, 0);
}

long atman_sys_open(const char *path, int flags, unsigned mode) {
    return atman_sys_openat(AT_FDCWD, path, flags, mode);
}

long atman_sys_creat(const char *path, unsigned mode) {
    return atman_sys_openat(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

/* Linux's, of which later versions may be longer. */
struct open_how {
    uint64_t flags, mode, resolve;
};

enum {
    RESOLVE_NO_XDEV = 1,
    RESOLVE_NO_MAGICLINKS = 2,
    RESOLVE_NO_SYMLINKS = 4,
    RESOLVE_BENEATH = 8,
    RESOLVE_IN_ROOT = 16,
    RESOLVE_CACHED = 32, /* everything is */
    RESOLVE_ALL = 63,
    MODES = 07777,
    TEMPORARY = O_TMPFILE & ~O_DIRECTORY,
    WITH_PATH = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
    LARGE = 0100000,
};

/* -E2BIG: there is more than is known here. */
static long read_how(struct open_how *how, const void *user, size_t size) {
    char more;

    if (size < sizeof *how)
        return -EINVAL;
    if (size > PAGE_SIZE)
        return -E2BIG;
    if (user_read(how, user, sizeof *how))
        return -EFAULT;
    for (size_t i = sizeof *how; i < size; i++) {
        if (user_read(&more, (const char *)user + i, 1))
            return -EFAULT;
        if (more)
            return -E2BIG;
    }
    return 0;
}

/* Here, other than with openat, nothing is let pass. */
static long check_how(const struct open_how *how) {
    const uint64_t known = O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND |
                           O_NONBLOCK | O_SYNC | O_ASYNC | O_DIRECT | O_DIRECTORY |
                           O_NOFOLLOW | O_NOATIME | O_CLOEXEC | O_PATH | O_TMPFILE | LARGE;
    bool makes = how->flags & (O_CREAT | TEMPORARY);

    if (how->flags & ~known || how->resolve & ~(uint64_t)RESOLVE_ALL)
        return -EINVAL;
    if ((how->resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT)) ==
        (RESOLVE_BENEATH | RESOLVE_IN_ROOT))
        return -EINVAL;
    if (how->mode & ~(uint64_t)(makes ? MODES : 0))
        return -EINVAL;
    if (how->flags & O_PATH && how->flags & ~(uint64_t)WITH_PATH)
        return -EINVAL;
    if (how->resolve & RESOLVE_CACHED && (makes || how->flags & O_TRUNC))
        return -EAGAIN;
    return 0;
}

static unsigned walk_of(uint64_t resolve) {
    return (resolve & RESOLVE_NO_XDEV ? PATH_NO_XDEV : 0) |
           (resolve & RESOLVE_NO_MAGICLINKS ? PATH_NO_MAGIC : 0) |
           (resolve & RESOLVE_NO_SYMLINKS ? PATH_NO_LINKS : 0) |
           (resolve & RESOLVE_BENEATH ? PATH_BENEATH : 0) |
           (resolve & RESOLVE_IN_ROOT ? PATH_IN_ROOT : 0);
}

long atman_sys_openat2(int directory, const char *path, const struct open_how *user,
                       size_t size) {
    struct open_how how;
    long error = read_how(&how, user, size);

    if (!error)
        error = check_how(&how);
    return error ? error
                 : open_at(directory, path, (int)how.flags, (unsigned)how.mode,
                           walk_of(how.resolve));
}

long atman_sys_dup3(int old, int new, int flags) {
    long error = files_start();

    if (error)
        return error;
    if (flags & ~O_CLOEXEC || old == new)
        return -EINVAL;
    struct file *file = fd_get(old);
    if (!file)
        return -EBADF;
    long fd = fd_replace(file, flags & O_CLOEXEC, new);
    if (fd < 0)
        file_drop(file);
    return fd;
}

long atman_sys_dup2(int old, int new) {
    if (old != new)
        return atman_sys_dup3(old, new, 0);
    long flag = atman_sys_fcntl(old, F_GETFD, 0);
    return flag < 0 ? flag : new;
}

long atman_sys_dup(int old) {
    long error = files_start();

    return error ? error : files->control(old, F_DUPFD, 0);
}

/* close_range's flags. */
enum { RANGE_UNSHARE = 2, RANGE_CLOSE_ON_EXEC = 4 };

long atman_sys_close_range(unsigned first, unsigned last, unsigned flags) {
    long error = files_start();

    if (error)
        return error;
    if (first > last || flags & ~(unsigned)(RANGE_UNSHARE | RANGE_CLOSE_ON_EXEC))
        return -EINVAL;
    for (int fd = fd_next((int)MIN(first, (unsigned)FILES_MOST));
         fd >= 0 && (unsigned)fd <= last; fd = fd_next(fd + 1)) {
        if (flags & RANGE_CLOSE_ON_EXEC)
            fd_close_on_exec(fd, 1);
        else
            fd_close(fd);
    }
    return 0;
}
