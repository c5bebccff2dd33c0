/* SPDX-License-Identifier: MIT */
/*
 * Locks for what may take long: who finds one taken sleeps, and others run. The holder may
 * be preempted, may wait, and may access the program's memory in any way; only no handler
 * of a signal runs in it, for that might never return: it is called at the drop. A mutex is
 * taken with events on and without a lock of xen/lock.h; those may be taken within.
 */
#ifndef ATMAN_SCHED_MUTEX_H
#define ATMAN_SCHED_MUTEX_H

#include "base.h"

/* {0} is a free one. */
struct mutex {
    uint32_t word; /* 0: free, 1: taken, 2: taken, and somebody may wait */
};

void mutex_take(struct mutex *mutex);
void mutex_drop(struct mutex *mutex);

/* Takes the mutex if it is free. */
bool mutex_try(struct mutex *mutex);

/* No handler runs in this thread between the two, which may nest. */
void handlers_hold(void);
void handlers_release(void);

/* For sched/hooks.h: sleeps until the mutex may be free; wakes one that sleeps. */
void mutex_wait(struct mutex *mutex);
void mutex_wake(struct mutex *mutex);

#endif
