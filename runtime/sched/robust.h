/* SPDX-License-Identifier: MIT */
/* Mutexes that know when their owner ends without giving them up (set_robust_list(2)). */
#ifndef ATMAN_SCHED_ROBUST_H
#define ATMAN_SCHED_ROBUST_H

#include "sched/thread.h"

/* Linux's struct robust_list_head, the size of which a program must say. */
struct robust_list {
    unsigned long
        first;   /* address of the next one's first word; the last's is this one's */
    long offset; /* from there to the mutex's word */
    unsigned long pending; /* one that is just being taken or given up */
};

/*
 * t, the current thread, ends: those of the mutexes in its list that it holds are marked as
 * their owner's having died, and one who waits for each is woken. Bad lists do no harm.
 */
void robust_release(struct thread *t);

#endif
