/* SPDX-License-Identifier: MIT */
/* System calls: clocks. Those that can be set elsewhere are the hypervisor's here. */
#include <errno.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>

#include "pv/access.h"
#include "sched/clock.h"
#include "sys/calls.h"
#include "xen/now.h"

static long write_time(struct timespec *to, uint64_t ns) {
    return user_write_pair(to, ns / NS_PER_SEC, ns % NS_PER_SEC);
}

static __attribute__((noinline)) long get_other(int clock, struct timespec *now) {
    uint64_t ns;
    long error = clock_read(clock, &ns);

    return error ? error : write_time(now, ns);
}

/* What programs ask for most often is answered without a call. */
long atman_sys_clock_gettime(int clock, struct timespec *now) {
    if (clock != CLOCK_MONOTONIC && clock != CLOCK_REALTIME)
        return get_other(clock, now);
    uint64_t ns = xen_now();
    ns = clock ? ns - clock_start() : ns + xen_now_wall_base();
    return write_time(now, ns);
}

long atman_sys_clock_getres(int clock, struct timespec *resolution) {
    uint64_t ns;
    long error = clock_read(clock, &ns);

    return error || !resolution ? error : user_write_pair(resolution, 0, 1);
}

long atman_sys_gettimeofday(struct timeval *now, void *zone) {
    static const struct timezone utc;
    uint64_t ns = clock_realtime();
    long error = 0;

    if (now)
        error = user_write_pair(now, ns / NS_PER_SEC, ns % NS_PER_SEC / 1000);
    if (!error && zone)
        error = user_write(zone, &utc, sizeof utc);
    return error;
}

long atman_sys_time(long *now) {
    long seconds = (long)(clock_realtime() / NS_PER_SEC);
    long error = now ? user_write(now, &seconds, sizeof seconds) : 0;

    return error ? error : seconds;
}

/* A clock that can be set is the hypervisor's, and so not the program's to set. */
long atman_sys_clock_settime(int clock, const struct timespec *time) {
    struct timespec t;
    uint64_t ns;

    if (clock != CLOCK_REALTIME)
        return clock < 0 ? clock_read(clock, &ns) ? -EINVAL : -EPERM : -EINVAL;
    long error = user_read(&t, time, sizeof t);
    if (error)
        return error;
    return t.tv_sec < 0 || (unsigned long)t.tv_nsec >= NS_PER_SEC ? -EINVAL : -EPERM;
}

long atman_sys_settimeofday(const struct timeval *time, const void *zone) {
    struct timezone z;
    struct timeval t;
    long error = time ? user_read(&t, time, sizeof t) : 0;

    if (!error && time && (t.tv_sec < 0 || (unsigned long)t.tv_usec >= 1000000))
        return -EINVAL;
    if (!error && zone)
        error = user_read(&z, zone, sizeof z);
    return error ? error : -EPERM;
}

/* The wall clock as Linux shows one that nobody disciplines. */
long atman_sys_adjtimex(struct timex *state) {
    struct timex t;
    long error = user_read(&t, state, sizeof t);

    if (error)
        return error;
    if (t.modes)
        return -EPERM;
    uint64_t ns = clock_realtime();
    t = (struct timex){
        .status = STA_UNSYNC,
        .maxerror = 16000000, /* Linux's NTP_PHASE_LIMIT, in us */
        .esterror = 16000000,
        .constant = 2,
        .precision = 1,
        .tolerance = 500 << 16,
        .time = {.tv_sec = (time_t)(ns / NS_PER_SEC),
                 .tv_usec = (suseconds_t)(ns % NS_PER_SEC / 1000)},
        .tick = 10000,
    };
    error = user_write(state, &t, sizeof t);
    return error ? error : TIME_ERROR;
}

long atman_sys_clock_adjtime(int clock, struct timex *state) {
    uint64_t ns;

    if (clock == CLOCK_REALTIME)
        return atman_sys_adjtimex(state);
    return clock_read(clock, &ns) ? -EINVAL : -EOPNOTSUPP;
}
