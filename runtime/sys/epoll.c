/* SPDX-License-Identifier: MIT */
/* System calls: epoll. */
#include "fs/epoll.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>

#include "fs/file.h"
#include "fs/hooks.h"
#include "pv/access.h"
#include "sched/clock.h"
#include "sched/deadline.h"
#include "sched/mutex.h"
#include "sys/calls.h"
#include "sys/masked.h"

long atman_sys_epoll_create1(int flags) {
    if (flags & ~EPOLL_CLOEXEC)
        return -EINVAL;
    long error = files_start();
    return error ? error : fd_install_new(epoll_make(), flags & EPOLL_CLOEXEC);
}

long atman_sys_epoll_create(int size) {
    return size > 0 ? atman_sys_epoll_create1(0) : -EINVAL;
}

static long control(int epfd, int operation, int fd, const struct epoll_event *event) {
    struct file *file = fd_get(epfd), *of = file ? fd_get(fd) : NULL;
    long result = -EBADF;

    if (of && !((of->flags | file->flags) & O_PATH))
        result = epoll_control(file, operation, of, fd, event);

    if (of)
        file_drop(of);
    if (file)
        file_drop(file);
    return result;
}

long atman_sys_epoll_ctl(int epfd, int operation, int fd, const struct epoll_event *event) {
    struct epoll_event wanted = {0};

    if (operation != EPOLL_CTL_DEL && user_read(&wanted, event, sizeof wanted))
        return -EFAULT;
    handlers_hold();
    long result = control(epfd, operation, fd, &wanted);
    handlers_release();
    return result;
}

static long wait_once(int epfd, struct epoll_event *events, int count, uint64_t until) {
    struct file *file = fd_get(epfd);

    if (!file)
        return -EBADF;
    long result = epoll_wait_for(file, events, count, until);
    file_drop(file);
    return result;
}

static long wait_masked(int epfd, struct epoll_event *events, int count, uint64_t until,
                        const uint64_t *mask, size_t size) {
    struct masked masked;
    long result;

    do {
        handlers_hold();
        result = masked_begin(&masked, mask, size);
        if (!result)
            result = wait_once(epfd, events, count, until);
    } while (masked_settle(&masked, &result));
    return result;
}

static uint64_t until_ms(int limit) {
    if (limit <= 0)
        return limit ? 0 : 1;
    return clock_monotonic() + (uint64_t)limit * 1000000;
}

long atman_sys_epoll_wait(int epfd, struct epoll_event *events, int count, int limit) {
    return wait_masked(epfd, events, count, until_ms(limit), NULL, 0);
}

long atman_sys_epoll_pwait(int epfd, struct epoll_event *events, int count, int limit,
                           const uint64_t *mask, size_t size) {
    return wait_masked(epfd, events, count, until_ms(limit), mask, size);
}

long atman_sys_epoll_pwait2(int epfd, struct epoll_event *events, int count,
                            const struct timespec *limit, const uint64_t *mask,
                            size_t size) {
    uint64_t ns = 0;
    long error = limit ? deadline_ns(limit, &ns) : 0;

    if (error)
        return error;
    uint64_t until = !limit ? 0 : ns ? clock_monotonic() + ns : 1;
    return wait_masked(epfd, events, count, until, mask, size);
}
