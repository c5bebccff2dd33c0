/* SPDX-License-Identifier: MIT */
/* System calls: pipes. */
#include "fs/pipe.h"

#include <errno.h>
#include <fcntl.h>

#include "fs/file.h"
#include "fs/hooks.h"
#include "pv/access.h"
#include "sched/mutex.h"
#include "sys/calls.h"

/* Descriptors of two files, for both or none. */
static long install_two(struct file *ends[2], bool close_on_exec, int fds[2]) {
    long first = fd_install_new(ends[0], close_on_exec);
    long second = fd_install_new(ends[1], close_on_exec);

    fds[0] = (int)first;
    fds[1] = (int)second;
    if (first >= 0 && second >= 0)
        return 0;
    if (first >= 0)
        fd_close((int)first);
    if (second >= 0)
        fd_close((int)second);
    return first < 0 ? first : second;
}

static long make_pipe(int *to, unsigned flags) {
    struct file *ends[2];
    int fds[2];
    long error = files_start();

    if (!error)
        error = pipe_make(flags & (O_NONBLOCK | O_DIRECT), ends);
    if (!error)
        error = install_two(ends, flags & O_CLOEXEC, fds);
    if (error || !user_write(to, fds, sizeof fds))
        return error;
    fd_close(fds[0]);
    fd_close(fds[1]);
    return -EFAULT;
}

long atman_sys_pipe2(int *fds, int flags) {
    if (flags & ~(O_NONBLOCK | O_CLOEXEC | O_DIRECT))
        return -EINVAL;
    return make_pipe(fds, (unsigned)flags);
}

long atman_sys_pipe(int *fds) {
    return make_pipe(fds, 0);
}
