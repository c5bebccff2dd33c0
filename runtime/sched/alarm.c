/* SPDX-License-Identifier: MIT */
/*
 * Invariant, under the lock: an alarm that is set is in its vCPU's timer queue, or in the
 * list of those on processor time, or in the hands of who waits for the lock to let it
 * ring. Whoever gets it then looks at the time again.
 */
#include "sched/alarm.h"

#include <errno.h>
#include <time.h>

#include "sched/alarmcpu.h"
#include "sched/clock.h"
#include "sched/cputime.h"
#include "sched/thread.h"

enum { CLOSEST_NS = 100000 }; /* an alarm rings no more often, and then for several times */

static struct lock alarm_lock = LOCK_INIT(LOCK_ALARM);

static void fire(struct timer *timer);

/* The clock of that id, for a->clock and a->tid. */
static long set_clock(struct alarm *a, int clock) {
    uint64_t now;
    long error = clock_read(clock, &now);

    if (error)
        return error;
    switch (clock) {
    case CLOCK_MONOTONIC:
    case CLOCK_BOOTTIME:
        a->clock = ALARM_STEADY;
        return 0;
    case CLOCK_REALTIME:
    case CLOCK_TAI:
        a->clock = ALARM_WALL;
        return 0;
    default:
        a->clock = ALARM_CPU;
        if (clock_of_cpu(clock, &a->tid))
            return -EOPNOTSUPP;
        if (!a->tid)
            a->tid = thread_current()->tid;
        return 0;
    }
}

long alarm_init(struct alarm *a, int clock, void (*ring)(struct alarm *, uint64_t)) {
    long error = set_clock(a, clock);

    if (error)
        return error;
    lock_take(&alarm_lock);
    a->ring = ring;
    lock_drop(&alarm_lock);
    return 0;
}

/* What its clock says. -ESRCH: it is that of a thread that has ended. */
static long read_now(const struct alarm *a, uint64_t *now) {
    if (a->used == ALARM_CPU)
        return cputime_read(a->tid, now) ? -ESRCH : 0;
    *now = a->used == ALARM_WALL ? clock_realtime() : clock_monotonic() - clock_start();
    return 0;
}

/* a, which is set, but not on processor time, is looked at when its time may have come. */
static void arm(struct alarm *a) {
    bool wall = a->used == ALARM_WALL;

    timer_remove(&a->timer);
    a->timer.fire = fire;
    timer_set(&a->timer,
              clock_next_look(wall ? a->expiry | CLOCK_WALL : a->expiry + clock_start()));
}

/* How often has its time come? The next time is one that is still to come. */
static uint64_t advance(struct alarm *a, uint64_t now) {
    if (!a->interval) {
        a->expiry = 0;
        return 1;
    }
    uint64_t times = (now - a->expiry) / a->interval + 1 + a->owed;
    a->expiry += ((now - a->expiry) / a->interval + 1) * a->interval;
    a->owed = 0;
    if (a->expiry < now + CLOSEST_NS) {
        a->owed = (now + CLOSEST_NS - a->expiry) / a->interval;
        a->expiry += a->owed * a->interval;
    }
    a->expiry = MIN(a->expiry, CLOCK_WALL - 1);
    return times;
}

uint64_t alarm_look(struct alarm *a) {
    uint64_t now;

    if (read_now(a, &now)) {
        a->expiry = 0;
        return 0;
    }
    if (a->expiry <= now)
        a->ring(a, advance(a, now));
    return a->expiry ? a->expiry - now : 0;
}

static void fire(struct timer *timer) {
    struct alarm *a = TREE_RECORD(timer, struct alarm, timer);

    lock_take(&alarm_lock);
    if (a->expiry && a->used != ALARM_CPU && alarm_look(a))
        arm(a);
    lock_drop(&alarm_lock);
}

void alarm_look_all(struct timer *timer) {
    (void)timer;
    lock_take(&alarm_lock);
    alarmcpu_check();
    lock_drop(&alarm_lock);
}

/* An alarm whose time has come, but which has not rung yet, has a moment left. */
static struct alarm_time get(const struct alarm *a) {
    struct alarm_time t = {0, a->interval};
    uint64_t now, next = a->expiry;

    if (!next || read_now(a, &now))
        return t;
    if (next <= now && a->interval)
        next += ((now - next) / a->interval + 1) * a->interval;
    t.left = next > now ? next - now : 1;
    return t;
}

long alarm_get(struct alarm *a, struct alarm_time *t) {
    lock_take(&alarm_lock);
    bool there = a->ring;
    if (there)
        *t = get(a);
    lock_drop(&alarm_lock);
    return there ? 0 : -EINVAL;
}

static void unset(struct alarm *a) {
    if (a->expiry && a->used == ALARM_CPU)
        list_remove(&a->node);
    else if (a->expiry)
        timer_remove(&a->timer);
    a->expiry = 0;
    a->owed = 0;
    a->interval = 0;
}

/* a is not set. */
static long set(struct alarm *a, bool absolute, uint64_t first) {
    uint64_t now;

    a->used = a->clock == ALARM_WALL && !absolute ? ALARM_STEADY : a->clock;
    long error = read_now(a, &now);
    if (error || !first)
        return error;
    a->expiry = absolute ? first : now + first;
    if (a->used == ALARM_CPU)
        alarmcpu_add(a);
    else
        arm(a);
    return 0;
}

long alarm_set(struct alarm *a, bool absolute, uint64_t first, uint64_t interval,
               struct alarm_time *old) {
    long error = -EINVAL;

    lock_take(&alarm_lock);
    if (a->ring) {
        *old = get(a);
        unset(a);
        a->interval = first ? interval : 0;
        error = set(a, absolute, first);
    }
    lock_drop(&alarm_lock);
    return error;
}

void alarm_end(struct alarm *a) {
    lock_take(&alarm_lock);
    unset(a);
    a->ring = NULL;
    lock_drop(&alarm_lock);
}
