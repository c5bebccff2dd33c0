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

enum {
    CLOSEST_NS = 100000, /* an alarm rings no more often, and then for several times */
    LOOK_NS = 60ul * NS_PER_SEC, /* so soon a change of the wall clock is seen */
};

static struct lock alarm_lock = LOCK_INIT(LOCK_ALARM);

long alarm_init(struct alarm *a, int clock, void (*ring)(struct alarm *, uint64_t)) {
    uint64_t now;
    long error = clock_read(clock, &now);

    if (error)
        return error;
    *a = (struct alarm){.ring = ring};
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

/* A thread that has ended has its last time for ever: its alarms do not ring. */
static uint64_t now_of(const struct alarm *a) {
    uint64_t now = 0;

    if (a->used == ALARM_STEADY)
        return clock_monotonic() - clock_start();
    if (a->used == ALARM_WALL)
        return clock_realtime();
    (void)cputime_read(a->tid, &now);
    return now;
}

static void fire(struct timer *timer);

/* a, which is set, but not on processor time, is looked at when its time may have come. */
static void arm(struct alarm *a, uint64_t now) {
    uint64_t left = a->expiry > now ? a->expiry - now : 0, limit = LOOK_NS;

    timer_remove(&a->timer);
    a->timer.fire = fire;
    timer_set(&a->timer,
              clock_monotonic() + (a->used == ALARM_WALL ? MIN(left, limit) : left));
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
    return times;
}

uint64_t alarm_look(struct alarm *a) {
    uint64_t now = now_of(a);

    if (a->expiry <= now)
        a->ring(a, advance(a, now));
    return a->expiry ? a->expiry - now : 0;
}

static void fire(struct timer *timer) {
    struct alarm *a = TREE_RECORD(timer, struct alarm, timer);

    lock_take(&alarm_lock);
    if (a->expiry && a->used != ALARM_CPU && alarm_look(a))
        arm(a, now_of(a));
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

    if (!a->expiry)
        return t;
    uint64_t now = now_of(a), next = a->expiry;
    if (next <= now && a->interval)
        next += ((now - next) / a->interval + 1) * a->interval;
    t.left = next > now ? next - now : 1;
    return t;
}

struct alarm_time alarm_get(struct alarm *a) {
    lock_take(&alarm_lock);
    struct alarm_time t = get(a);
    lock_drop(&alarm_lock);
    return t;
}

struct alarm_time alarm_set(struct alarm *a, bool absolute, uint64_t first,
                            uint64_t interval) {
    lock_take(&alarm_lock);
    struct alarm_time old = get(a);
    if (a->expiry && a->used == ALARM_CPU)
        list_remove(&a->node);
    else if (a->expiry)
        timer_remove(&a->timer);
    a->used = a->clock == ALARM_WALL && !absolute ? ALARM_STEADY : a->clock;
    a->expiry = 0;
    a->owed = 0;
    a->interval = first ? interval : 0;
    if (first) {
        uint64_t now = now_of(a);
        a->expiry = absolute ? first : now + first;
        if (a->used == ALARM_CPU)
            alarmcpu_add(a);
        else
            arm(a, now);
    }
    lock_drop(&alarm_lock);
    return old;
}
