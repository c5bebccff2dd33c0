/* SPDX-License-Identifier: MIT */
/*
 * System calls: the three interval timers of the process. All of its time is the program's
 * own, so two of them count the same.
 */
#include <errno.h>
#include <signal.h>
#include <sys/time.h>

#include "pv/access.h"
#include "sched/alarm.h"
#include "signal/signal.h"
#include "sys/calls.h"

enum { TIMERS = 3, NS_PER_US = 1000, US_PER_SEC = 1000000 };

static void ring(struct alarm *alarm, uint64_t times);

static struct alarm alarms[TIMERS] = {
    [ITIMER_REAL] = {.clock = ALARM_STEADY, .ring = ring},
    [ITIMER_VIRTUAL] = {.clock = ALARM_CPU, .tid = -1, .ring = ring},
    [ITIMER_PROF] = {.clock = ALARM_CPU, .tid = -1, .ring = ring},
};

static void ring(struct alarm *alarm, uint64_t times) {
    static const int numbers[TIMERS] = {
        [ITIMER_REAL] = SIGALRM, [ITIMER_VIRTUAL] = SIGVTALRM, [ITIMER_PROF] = SIGPROF};
    struct signal_info info = {.signal = numbers[alarm - alarms], .code = SI_KERNEL};

    (void)times;
    signal_send_process(&info);
}

static struct alarm *get_alarm(int which) {
    signal_start();
    return &alarms[which];
}

/* Rounded up: what is not over has something left. */
static struct timeval to_timeval(uint64_t ns) {
    uint64_t us = (ns + NS_PER_US - 1) / NS_PER_US;

    return (struct timeval){.tv_sec = (time_t)(us / US_PER_SEC),
                            .tv_usec = (suseconds_t)(us % US_PER_SEC)};
}

static bool to_ns(const struct timeval *t, uint64_t *ns) {
    enum { LONGEST_SEC = 1l << 33 };

    if (t->tv_sec < 0 || (unsigned long)t->tv_usec >= US_PER_SEC)
        return false;
    *ns = MIN((uint64_t)t->tv_sec, (uint64_t)LONGEST_SEC) * NS_PER_SEC +
          (uint64_t)t->tv_usec * NS_PER_US;
    return true;
}

static long write_times(struct itimerval *to, struct alarm_time t) {
    struct itimerval value = {.it_interval = to_timeval(t.interval),
                              .it_value = to_timeval(t.left)};

    return user_write(to, &value, sizeof value);
}

long atman_sys_setitimer(int which, const struct itimerval *new, struct itimerval *old) {
    struct itimerval t = {.it_value = {0}};
    uint64_t first, interval;
    long error = new ? user_read(&t, new, sizeof t) : 0;

    if (error)
        return error;
    if (which < 0 || which >= TIMERS || !to_ns(&t.it_value, &first) ||
        !to_ns(&t.it_interval, &interval))
        return -EINVAL;
    struct alarm_time was;
    alarm_set(get_alarm(which), false, first, interval, &was);
    return old ? write_times(old, was) : 0;
}

long atman_sys_getitimer(int which, struct itimerval *value) {
    struct alarm_time now;

    if (which < 0 || which >= TIMERS)
        return -EINVAL;
    alarm_get(get_alarm(which), &now);
    return write_times(value, now);
}

/* Rounded, but never to nothing. */
long atman_sys_alarm(unsigned seconds) {
    struct alarm_time was;

    alarm_set(get_alarm(ITIMER_REAL), false, seconds * NS_PER_SEC, 0, &was);
    uint64_t rounded = (was.left + NS_PER_SEC / 2) / NS_PER_SEC;
    return (unsigned)(was.left && !rounded ? 1 : rounded);
}
