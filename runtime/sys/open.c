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

long atman_sys_openat(int directory, const char *path, int flags, unsigned mode) {
    struct file *file;
    long error = files_start();

    if (!error && flags & (O_CREAT | O_TRUNC))
        error = fd_room();
    if (error)
        return error;
    do { /* a FIFO waits for its other end */
        handlers_hold();
        error = open_path(directory, path, (unsigned)flags, mode, &file);
    } while (handlers_settle(&error));
    return error ? error : fd_install_new(file, flags & O_CLOEXEC);
}

long atman_sys_open(const char *path, int flags, unsigned mode) {
    return atman_sys_openat(AT_FDCWD, path, flags, mode);
}

long atman_sys_creat(const char *path, unsigned mode) {
    return atman_sys_openat(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
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
