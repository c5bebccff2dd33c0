/* SPDX-License-Identifier: MIT */
/* System calls: sleeping. */
#include <errno.h>
#include <time.h>

#include "pv/access.h"
#include "pv/line.h"
#include "sched/clock.h"
#include "sched/deadline.h"
#include "sched/hooks.h"
#include "sched/thread.h"
#include "sys/calls.h"

/* False if a signal came first. */
static bool sleep_until(uint64_t until) {
    if (scheduler)
        return scheduler->sleep(until) == HANDLED_NONE;
    clock_sleep_until(until);
    return true;
}

static long say_left(uint64_t ns, struct timespec *left) {
    long error = user_write_pair(left, ns / NS_PER_SEC, ns % NS_PER_SEC);

    return error ? error : -EINTR;
}

/* The end of a relative sleep that a signal has ended: says what was left of it. */
static long interrupted(uint64_t until, struct timespec *left) {
    uint64_t now = clock_monotonic();

    if (now >= until)
        return 0;
    return left ? say_left(until - now, left) : -EINTR;
}

/* Nobody tells when so much has been spent: what is left is looked at when that may have
 * passed at the earliest. */
static long sleep_until_spent(int clock, uint64_t spent, struct timespec *left) {
    enum { LEAST_NS = 200000 };
    uint64_t now;
    long error;

    while (!(error = clock_read(clock, &now)) && now < spent) {
        uint64_t wait = (spent - now) / VCPUS_MAX;
        if (!sleep_until(clock_monotonic() + (wait > LEAST_NS ? wait : LEAST_NS)))
            return left ? say_left(spent - now, left) : -EINTR;
    }
    return error;
}

static bool is_wall(int clock) {
    return clock == CLOCK_REALTIME || clock == CLOCK_TAI;
}

long atman_sys_clock_nanosleep(int clock, int flags, const struct timespec *time,
                               struct timespec *left) {
    bool absolute = flags & TIMER_ABSTIME;
    uint64_t ns, until;
    int tid;
    long error = clock_read(clock, &ns);

    if (error)
        return error;
    bool is_cpu = !clock_of_cpu(clock, &tid);
    if (is_cpu && (!tid || tid == thread_current()->tid))
        return -EINVAL; /* it would not wake up */
    if (!is_cpu && clock != CLOCK_MONOTONIC && clock != CLOCK_BOOTTIME && !is_wall(clock))
        return -EOPNOTSUPP;
    uint64_t now = ns;
    if ((error = deadline_ns(time, &ns)))
        return error;
    if (is_cpu)
        return sleep_until_spent(clock, ns + (absolute ? 0 : now), absolute ? NULL : left);
    if (absolute && is_wall(clock))
        until = ns | CLOCK_WALL;
    else if (absolute && clock == CLOCK_BOOTTIME)
        until = clock_of_boottime(ns);
    else
        until = ns + (absolute ? clock_start() : clock_monotonic());
    if (sleep_until(until))
        return 0;
    return absolute ? -EINTR : interrupted(until, left);
}

long atman_sys_nanosleep(const struct timespec *time, struct timespec *left) {
    return atman_sys_clock_nanosleep(CLOCK_MONOTONIC, 0, time, left);
}
