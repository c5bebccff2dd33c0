/* SPDX-License-Identifier: MIT */
/* System calls: clocks and sleeping. */
#include <errno.h>
#include <sys/time.h>
#include <time.h>

#include "sched/clock.h"
#include "sys/calls.h"

static struct timespec to_timespec(uint64_t ns) {
    return (struct timespec){.tv_sec = (time_t)(ns / NS_PER_SEC),
                             .tv_nsec = (long)(ns % NS_PER_SEC)};
}

/* Far-off times saturate: the end of such a wait is not seen by anybody. */
static long to_ns(const struct timespec *t, uint64_t *ns) {
    enum { LONGEST_SEC = 1l << 33 };

    if (t->tv_sec < 0 || t->tv_nsec < 0 || (unsigned long)t->tv_nsec >= NS_PER_SEC)
        return -EINVAL;
    uint64_t seconds = MIN((uint64_t)t->tv_sec, (uint64_t)LONGEST_SEC);
    *ns = seconds * NS_PER_SEC + (uint64_t)t->tv_nsec;
    return 0;
}

/* The one thread has all of the processor's time since the start, near enough. */
static long read_clock(int clock, uint64_t *ns) {
    switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
        *ns = clock_realtime();
        return 0;
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_BOOTTIME:
        *ns = clock_monotonic();
        return 0;
    case CLOCK_PROCESS_CPUTIME_ID:
    case CLOCK_THREAD_CPUTIME_ID:
        *ns = clock_monotonic() - clock_start();
        return 0;
    default:
        return -EINVAL;
    }
}

long atman_sys_clock_gettime(int clock, struct timespec *now) {
    uint64_t ns;
    long error = read_clock(clock, &ns);

    if (!error)
        *now = to_timespec(ns);
    return error;
}

long atman_sys_clock_getres(int clock, struct timespec *resolution) {
    uint64_t ns;
    long error = read_clock(clock, &ns);

    if (!error && resolution)
        *resolution = (struct timespec){.tv_nsec = 1};
    return error;
}

long atman_sys_clock_nanosleep(int clock, int flags, const struct timespec *time,
                               struct timespec *left) {
    uint64_t now, until;
    long error = read_clock(clock, &now);

    (void)left; /* nothing interrupts the one thread's sleep */
    if (error || (error = to_ns(time, &until)))
        return error;
    if (clock == CLOCK_THREAD_CPUTIME_ID)
        return -EINVAL;
    if (!(flags & TIMER_ABSTIME))
        clock_sleep_until(clock_monotonic() + until);
    else if (until > now)
        clock_sleep_until(clock_monotonic() + (until - now));
    return 0;
}

long atman_sys_nanosleep(const struct timespec *time, struct timespec *left) {
    return atman_sys_clock_nanosleep(CLOCK_MONOTONIC, 0, time, left);
}

long atman_sys_gettimeofday(struct timeval *now, void *zone) {
    uint64_t ns = clock_realtime();

    (void)zone;
    if (now)
        *now = (struct timeval){.tv_sec = (time_t)(ns / NS_PER_SEC),
                                .tv_usec = (suseconds_t)(ns % NS_PER_SEC / 1000)};
    return 0;
}

long atman_sys_time(long *now) {
    long seconds = (long)(clock_realtime() / NS_PER_SEC);

    if (now)
        *now = seconds;
    return seconds;
}
