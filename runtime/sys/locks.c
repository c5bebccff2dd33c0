/* SPDX-License-Identifier: MIT */
/* System calls: locks on files (fcntl's are in fs/calls.c). */
#include "fs/locks.h"

#include <errno.h>

#include "fs/file.h"
#include "fs/hooks.h"
#include "sched/mutex.h"
#include "sched/settle.h"
#include "sys/calls.h"

long atman_sys_flock(int fd, int operation) {
    long error = files_start();

    if (error)
        return error;
    do {
        handlers_hold();
        struct file *file = fd_get(fd);
        error = file ? locks_whole(file, operation) : -EBADF;
        if (file)
            file_drop(file);
    } while (handlers_settle(&error));
    return error;
}
