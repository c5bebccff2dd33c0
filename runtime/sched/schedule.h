/* SPDX-License-Identifier: MIT */
/*
 * Who runs. On each vCPU the ready thread of the highest rank; among those of rank 0 (all
 * but FIFO and RR) and of RR each has its turn when others wait. A vCPU with nothing to do
 * takes a thread from another's queue before it sleeps.
 *
 * A thread changes over to another in user mode, by switch_to, with the run queue locked;
 * the next one drops that lock. One that is preempted is left in a kernel entry.
 */
#ifndef ATMAN_SCHED_SCHEDULE_H
#define ATMAN_SCHED_SCHEDULE_H

#include "sched/vcpu.h"

/* How long a thread runs while others of its rank wait. */
enum { SCHEDULE_SLICE_NS = 5000000 };

/* Lets others of the same rank run first. */
void schedule_yield(void);

/* Makes a new thread, which nobody else knows yet, ready. */
void schedule_add(struct thread *t);

/* Ends the current thread. What is left of it is reaped (sched/exit.h) off its stack. */
_Noreturn void schedule_exit(void);

/* The loop of a vCPU's idle thread. */
_Noreturn void schedule_idle(void);

/* The end of an upcall: preempts the interrupted thread if another's turn has come. */
void schedule_upcall(struct frame *f);

/*
 * A kernel entry that interrupted the current thread, which is prepared to sleep
 * (thread_prepare): unless it was woken by now it is left there, as if it were preempted,
 * and goes on at *f when it is. Returns into another thread's *f.
 */
void schedule_leave(struct frame *f);

/* t's rank or its affinity has changed: sets them, and moves it where it belongs. */
void schedule_set_rank(struct thread *t, int rank);
void schedule_set_affinity(struct thread *t, uint32_t affinity);

/* Locks the run queue that t belongs to, and returns its vCPU. */
struct vcpu *schedule_lock(struct thread *t);

/* For vcpu.c: the slice timer's fire, and the handler of being poked. */
void schedule_slice_over(struct timer *slice);
void schedule_poked(void);

/* Ticks that t has run. */
uint64_t schedule_ticks(struct thread *t);

/* Does no vCPU run a thread? */
bool schedule_is_idle(void);

/* If it is not NULL it is called, under a run queue's lock, when a thread begins to run. */
extern void (*schedule_on_run)(void);

/* Ticks that v has run threads, those that have ended as well. */
uint64_t schedule_busy_ticks(struct vcpu *v);

#endif
