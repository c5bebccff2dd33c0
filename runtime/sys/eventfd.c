/* SPDX-License-Identifier: MIT */
/* System calls: eventfd, timerfd and signalfd. */
#include "fs/eventfd.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>

#include "fs/file.h"
#include "fs/hooks.h"
#include "fs/signalfd.h"
#include "fs/timerfd.h"
#include "pv/access.h"
#include "sched/alarm.h"
#include "sched/deadline.h"
#include "sched/mutex.h"
#include "sys/calls.h"

/* eventfd */

long atman_sys_eventfd2(unsigned value, int flags) {
    if (flags & ~(EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE))
        return -EINVAL;
    long error = files_start();
    if (error)
        return error;
    return fd_install_new(
        eventfd_make(value, (unsigned)flags & O_NONBLOCK, flags & EFD_SEMAPHORE),
        flags & EFD_CLOEXEC);
}

long atman_sys_eventfd(unsigned value) {
    return atman_sys_eventfd2(value, 0);
}

/* timerfd */

long atman_sys_timerfd_create(int clock, int flags) {
    struct file *file;

    if (flags & ~(TFD_CLOEXEC | TFD_NONBLOCK))
        return -EINVAL;
    long error = files_start();
    if (!error)
        error = timerfd_make(clock, (unsigned)flags & O_NONBLOCK, &file);
    return error ? error : fd_install_new(file, flags & TFD_CLOEXEC);
}

static long write_times(struct itimerspec *to, const struct alarm_time *t) {
    struct itimerspec value = {
        .it_interval = {(long)(t->interval / NS_PER_SEC), (long)(t->interval % NS_PER_SEC)},
        .it_value = {(long)(t->left / NS_PER_SEC), (long)(t->left % NS_PER_SEC)}};

    return user_write(to, &value, sizeof value);
}

static long read_times(const struct itimerspec *from, uint64_t *first, uint64_t *interval) {
    long error = deadline_ns(&from->it_interval, interval);
    long other = deadline_ns(&from->it_value, first);

    return error == -EFAULT || other == -EFAULT ? -EFAULT : error ? error : other;
}

long atman_sys_timerfd_settime(int fd, int flags, const struct itimerspec *new,
                               struct itimerspec *old) {
    struct alarm_time was;
    uint64_t first, interval;
    long error = read_times(new, &first, &interval);

    if (!error && flags & ~(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET))
        error = -EINVAL;
    if (error)
        return error;
    handlers_hold();
    struct file *file = fd_get(fd);
    error = -EBADF;
    if (file) {
        error = timerfd_set(file, flags & TFD_TIMER_ABSTIME, first, interval, &was);
        file_drop(file);
    }
    handlers_release();
    return !error && old ? write_times(old, &was) : error;
}

long atman_sys_timerfd_gettime(int fd, struct itimerspec *value) {
    struct alarm_time now;
    long error = -EBADF;

    handlers_hold();
    struct file *file = fd_get(fd);
    if (file) {
        error = timerfd_get(file, &now);
        file_drop(file);
    }
    handlers_release();
    return error ? error : write_times(value, &now);
}

/* signalfd */

static long change_signals(int fd, uint64_t set) {
    long error = -EBADF;

    handlers_hold();
    struct file *file = fd_get(fd);
    if (file) {
        error = signalfd_change(file, set);
        file_drop(file);
    }
    handlers_release();
    return error ? error : fd;
}

long atman_sys_signalfd4(int fd, const uint64_t *set, size_t size, int flags) {
    uint64_t wanted;

    if (size != sizeof wanted)
        return -EINVAL;
    if (user_read(&wanted, set, sizeof wanted))
        return -EFAULT;
    if (flags & ~(SFD_CLOEXEC | SFD_NONBLOCK))
        return -EINVAL;
    if (fd != -1)
        return change_signals(fd, wanted);
    long error = files_start();
    if (error)
        return error;
    return fd_install_new(signalfd_make(wanted, (unsigned)flags & O_NONBLOCK),
                          flags & SFD_CLOEXEC);
}

long atman_sys_signalfd(int fd, const uint64_t *set, size_t size) {
    return atman_sys_signalfd4(fd, set, size, 0);
}
