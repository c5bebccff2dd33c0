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
    char *idle_stack; /* a page */
    bool slice_runs;  /* slice is set */
    uint8_t slices;   /* how many have ended */

    struct thread *leaving; /* has ended, and its stack is not in use any more */
    struct thread *moving;  /* may not run here any more */
    struct timer slice;     /* fires when another thread's turn comes */

    struct lock timer_lock; /* LOCK_TIMER: of what follows */
    struct tree timers;     /* by time */
    struct timer *firing;
    bool is_adopted; /* another vCPU takes the timers, one after the other */
    uint64_t armed;  /* what the hypervisor's timer is set for; 0: nothing */
    unsigned timer_interrupts;

    evtchn_port_t wake_port; /* another vCPU has put something in the run queue */

    bool is_down;   /* or about to be; set by itself */
    bool is_unmade; /* Xen does not know any more where it was */
};

/*
 * Makes the vCPU that runs the first, with thread_main on it, and its events handled.
 * Called once. False: there is no memory for it.
 */
bool vcpu_start_first(void);

/*
 * How many vCPUs the domain may use now, and how many of them were started; each time the
 * first ones. There may be fewer to use than were started: the others rest.
 */
unsigned vcpu_count(void);
extern unsigned vcpus_started;

/* All that the domain has. */
unsigned vcpu_count_all(void);

/* So many may be used from now on, at least one. On the first vCPU, in a kernel entry. */
void vcpu_limit(unsigned count);

extern unsigned vcpus_limit; /* 0: not said */

static inline bool vcpu_is_out(const struct vcpu *vcpu) {
    unsigned limit = __atomic_load_n(&vcpus_limit, __ATOMIC_SEQ_CST);

    return limit && vcpu->index >= limit;
}

/* Of a vCPU that runs. */
struct vcpu *vcpu_of(unsigned index);

/* This vCPU. Events must be off, or the thread may be moved. */
static inline struct vcpu *vcpu_this(void) {
    return THIS_LINE->vcpu;
}

/* Starts one more, if there is one. Not being able to is no error: work waits. */
void vcpu_start_next(void);

/* The idle thread of a vCPU that may not be used has nothing to do. Events are off. */
void vcpu_rest(struct vcpu *vcpu);

/* On the first one: takes over the timers of those that may not be used. */
void vcpu_adopt(void);

/* It stands still, or is about to, and does nothing of its own accord. */
bool vcpu_is_resting(const struct vcpu *vcpu);

/* The vCPUs that rest have no state any more: the domain was moved. */
void vcpu_forget_resting(void);

/* Binds the events of a vCPU, the first one's first; false: Xen refuses. */
bool vcpu_bind_events(struct vcpu *vcpu);

/* Tells another vCPU to look at its run queue. */
void vcpu_poke(struct vcpu *vcpu);

#endif
