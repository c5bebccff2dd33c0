/* SPDX-License-Identifier: MIT */
/* timerfd: an alarm that counts. */
#include "fs/timerfd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <time.h>

#include "fs/file.h"
#include "mm/heap.h"
#include "sched/alarm.h"
#include "sched/hooks.h"

struct timerfd {
    struct alarm alarm;
    struct ready ready;
    struct mutex mutex; /* who sets it */
    uint64_t rung;      /* since it was read; atomic */
};

/* What is readable already is no news, as under Linux. */
static void ring(struct alarm *alarm, uint64_t times) {
    struct timerfd *t = LIST_RECORD(alarm, struct timerfd, alarm);

    if (!__atomic_fetch_add(&t->rung, times, __ATOMIC_SEQ_CST))
        ready_notify(&t->ready, POLLIN | POLLRDNORM);
}

static long timerfd_read(struct file *file, struct transfer *to, int64_t *position) {
    struct timerfd *t = file->object;

    (void)position;
    if (to->left < sizeof t->rung)
        return -EINVAL;
    uint64_t rung = __atomic_exchange_n(&t->rung, 0, __ATOMIC_SEQ_CST);
    return rung ? transfer_put(to, &rung, sizeof rung) : -EAGAIN;
}

static unsigned timerfd_poll(struct file *file) {
    const struct timerfd *t = file->object;

    return __atomic_load_n(&t->rung, __ATOMIC_SEQ_CST) ? POLLIN | POLLRDNORM : 0;
}

static struct ready *timerfd_ready(struct file *file) {
    return &((struct timerfd *)file->object)->ready;
}

/* An alarm that was taken back may still be looked at by its timer, until that is over. */
static void timerfd_release(struct file *file) {
    struct timerfd *t = file->object;

    alarm_end(&t->alarm);
    timer_cancel(&t->alarm.timer);
    heap_free(t);
}

static const struct file_ops timerfd_ops = {.read = timerfd_read,
                                            .poll = timerfd_poll,
                                            .ready = timerfd_ready,
                                            .release = timerfd_release,
                                            .name = "anon_inode:[timerfd]"};

/* Nothing here sleeps so deeply that it would have to be woken up. */
static int clock_of(int clock) {
    if (clock == CLOCK_REALTIME_ALARM)
        return CLOCK_REALTIME;
    if (clock == CLOCK_BOOTTIME_ALARM)
        return CLOCK_BOOTTIME;
    return clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC || clock == CLOCK_BOOTTIME
               ? clock
               : -1;
}

long timerfd_make(int clock, unsigned flags, struct file **made) {
    if (clock_of(clock) < 0)
        return -EINVAL;
    struct timerfd *t = heap_alloc(sizeof *t);
    if (!t)
        return -ENOMEM;
    scheduler_start();
    ready_init(&t->ready);
    long error = alarm_init(&t->alarm, clock_of(clock), ring);
    if (!error) {
        *made = file_make(&timerfd_ops, O_RDWR | flags, t);
        error = *made ? 0 : -ENOMEM;
    }
    if (error)
        heap_free(t);
    return error;
}

/* What has rung before does not count any more. */
long timerfd_set(struct file *file, bool absolute, uint64_t first, uint64_t interval,
                 struct alarm_time *old) {
    struct timerfd *t = file->object;
    struct alarm_time none;

    if (file->ops != &timerfd_ops)
        return -EINVAL;
    mutex_take(&t->mutex);
    long error = alarm_set(&t->alarm, false, 0, 0, old);
    __atomic_store_n(&t->rung, 0, __ATOMIC_SEQ_CST);
    if (!error && first)
        error = alarm_set(&t->alarm, absolute, first, interval, &none);
    mutex_drop(&t->mutex);
    return error;
}

long timerfd_get(struct file *file, struct alarm_time *time) {
    if (file->ops != &timerfd_ops)
        return -EINVAL;
    return alarm_get(&((struct timerfd *)file->object)->alarm, time);
}
