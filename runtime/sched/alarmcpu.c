/* SPDX-License-Identifier: MIT */
/*
 * One timer looks at all of them. It is off, set, about to be set by whoever made it so, or
 * it rests, because no thread runs anywhere: then schedule_on_run is called as soon as one
 * does. Whoever changes the state from resting sets the timer.
 */
#include "sched/alarmcpu.h"

#include "sched/clock.h"
#include "sched/schedule.h"

enum { LEAST_WAIT_NS = 200000 }; /* so late may an alarm ring */

enum state { OFF, SET, RESTING };

static struct list alarms = {&alarms, &alarms};
static struct timer timer = {.fire = alarm_look_all};
static enum state state;

/* By whoever made the state SET. */
static void look_in(uint64_t ns) {
    timer_set(&timer, clock_monotonic() + (ns > LEAST_WAIT_NS ? ns : LEAST_WAIT_NS));
}

static bool change(enum state from, enum state to) {
    return __atomic_compare_exchange_n(&state, &from, to, false, __ATOMIC_SEQ_CST,
                                       __ATOMIC_SEQ_CST);
}

/* From the scheduler, with a run queue locked: a thread begins to run. */
static void wake_up(void) {
    __atomic_store_n(&schedule_on_run, NULL, __ATOMIC_SEQ_CST);
    if (change(RESTING, SET))
        look_in(0);
}

/* Nothing runs: whatever begins to from here on calls wake_up, or is seen here. */
static void rest(void) {
    __atomic_store_n(&state, RESTING, __ATOMIC_SEQ_CST);
    __atomic_store_n(&schedule_on_run, wake_up, __ATOMIC_SEQ_CST);
    if (!schedule_is_idle())
        wake_up();
}

/* Of the process's time, as much may pass on every vCPU. */
static uint64_t least_wait(const struct alarm *a, uint64_t left) {
    return a->tid == -1 ? left / vcpu_count() : left;
}

/* If the timer is neither off nor in a queue, it is about to be set, or fires. */
void alarmcpu_add(struct alarm *a) {
    list_insert(&a->node, &alarms);
    if (change(OFF, SET) || change(RESTING, SET) || timer_remove(&timer))
        look_in(0);
}

void alarmcpu_check(void) {
    uint64_t wait = ~0ul;

    for (struct list *at = alarms.next, *next; at != &alarms; at = next) {
        struct alarm *a = LIST_RECORD(at, struct alarm, node);
        next = at->next;
        uint64_t left = alarm_look(a);
        if (!left) {
            list_remove(at);
            continue;
        }
        left = least_wait(a, left);
        wait = MIN(wait, left);
    }
    if (list_is_empty(&alarms))
        __atomic_store_n(&state, OFF, __ATOMIC_SEQ_CST);
    else if (schedule_is_idle())
        rest();
    else
        look_in(wait);
}
