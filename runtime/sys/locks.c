/* SPDX-License-Identifier: MIT */
/* System calls: locks on files (fcntl's are in fs/calls.c). */
#include "fs/locks.h"

#include <errno.h>

#include "fs/file.h"
#include "fs/hooks.h"
#include "sys/calls.h"

long atman_sys_flock(int fd, int operation) {
    long error = files_start();
    struct file *file = error ? NULL : fd_get(fd);

    if (!file)
        return error ? error : -EBADF;
    error = locks_whole(file, operation);
    file_drop(file);
    return error;
}
