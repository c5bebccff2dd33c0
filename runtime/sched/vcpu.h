/* SPDX-License-Identifier: MIT */
/*
 * vCPUs: each has a run queue, a timer queue, a thread for when there is nothing to run,
 * and the event channels by which it is told of things. The first is there from the start;
 * the others are started as threads are made.
 */
#ifndef ATMAN_SCHED_VCPU_H
#define ATMAN_SCHED_VCPU_H

#include "sched/thread.h"
#include "xen/interface.h"
#include "xen/lock.h"

struct vcpu {
    unsigned index;
    uint64_t began; /* in ticks; what idle has not had since then, threads had */

    struct lock lock;  /* LOCK_RUN: of what follows */
    struct list ready; /* by falling rank; does not hold current, nor idle */
    unsigned count;    /* of ready */
    struct thread *current, *idle;
    bool slice_runs; /* slice is set */
    uint8_t slices;  /* how many have ended */

    struct thread *leaving; /* has ended, and its stack is not in use any more */
    struct thread *moving;  /* may not run here any more */
    struct timer slice;     /* fires when another thread's turn comes */

    struct lock timer_lock; /* LOCK_TIMER: of what follows */
    struct tree timers;     /* by time */
    struct timer *firing;
    uint64_t armed; /* what the hypervisor's timer is set for; 0: nothing */
    unsigned timer_interrupts;

    evtchn_port_t wake_port; /* another vCPU has put something in the run queue */
};

/*
 * Makes the vCPU that runs the first, with thread_main on it, and its events handled.
 * Called once. False: there is no memory for it.
 */
bool vcpu_start_first(void);

/* How many vCPUs the domain has, and how many of them run; the latter are the first ones.
 */
unsigned vcpu_count(void);
extern unsigned vcpus_started;

/* Of a vCPU that runs. */
struct vcpu *vcpu_of(unsigned index);

/* This vCPU. Events must be off, or the thread may be moved. */
static inline struct vcpu *vcpu_this(void) {
    return THIS_LINE->vcpu;
}

/* Starts one more, if there is one. Not being able to is no error: work waits. */
void vcpu_start_next(void);

/* Binds the events of a vCPU, the first one's first; false: Xen refuses. */
bool vcpu_bind_events(struct vcpu *vcpu);

/* Tells another vCPU to look at its run queue. */
void vcpu_poke(struct vcpu *vcpu);

#endif
