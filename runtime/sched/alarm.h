/* SPDX-License-Identifier: MIT */
/*
 * What the program's timers have in common: they ring when a clock of the program's has
 * reached a time, once or again and again, never before it and without drift. Times are
 * nanoseconds of that clock.
 *
 * Memory of an alarm that was set once must remain an alarm's: a late timer may still look
 * at it, and then finds that its time has not come.
 */
#ifndef ATMAN_SCHED_ALARM_H
#define ATMAN_SCHED_ALARM_H

#include "base/list.h"
#include "sched/timer.h"

enum alarm_clock {
    ALARM_STEADY, /* CLOCK_MONOTONIC and CLOCK_BOOTTIME */
    ALARM_WALL,   /* CLOCK_REALTIME and CLOCK_TAI */
    ALARM_CPU,    /* processor time */
};

struct alarm {
    enum alarm_clock clock, used; /* used: a time from now on is not the wall clock's */
    int tid;                      /* ALARM_CPU: of that thread; -1: of the process */
    uint64_t expiry, interval;    /* 0: it is not set; it rings once */
    uint64_t owed; /* times that were left out because the interval is very short */
    /* In a kernel entry, under a lock of a rank below LOCK_SIGNAL. times: since the last.
     */
    void (*ring)(struct alarm *alarm, uint64_t times); /* NULL: the alarm is not made */
    struct timer timer;
    struct list node; /* ALARM_CPU: of those that are set */
};

struct alarm_time {
    uint64_t left; /* 0: it is not set */
    uint64_t interval;
};

/*
 * Makes one of zeros, or one that was ended, for the program's clock of that id. -EINVAL:
 * there is none; -EOPNOTSUPP: it has no alarms. Needs the scheduler.
 */
long alarm_init(struct alarm *alarm, int clock,
                void (*ring)(struct alarm *alarm, uint64_t times));

/* It does not ring from now on, and cannot be set. */
void alarm_end(struct alarm *alarm);

/*
 * Sets it, or takes it back if first is 0; *old is what it was. -EINVAL: it is not made;
 * -ESRCH: its clock is that of a thread that has ended.
 */
long alarm_set(struct alarm *alarm, bool absolute, uint64_t first, uint64_t interval,
               struct alarm_time *old);

/* -EINVAL: it is not made. */
long alarm_get(struct alarm *alarm, struct alarm_time *time);

#endif
