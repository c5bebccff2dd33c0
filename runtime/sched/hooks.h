/* SPDX-License-Identifier: MIT */
/*
 * The scheduler, for those who need it only if it is there: an image whose program has one
 * thread and no timers holds none. Whatever makes it necessary calls scheduler_start.
 */
#ifndef ATMAN_SCHED_HOOKS_H
#define ATMAN_SCHED_HOOKS_H

#include "base.h"
#include "signal/thread.h"

struct frame;
struct mutex;
struct ready;
struct thread;
struct timer;
struct timespec;

struct scheduler {
    /* Sleeps until that moment (sched/clock.h), or until a handler was called first: which.
     */
    enum handled (*sleep)(uint64_t until);
    /* As sched/portwait.h says. */
    uint32_t (*count_events)(void);
    bool (*wait_for_event)(uint32_t port, uint32_t seen, uint64_t until);
    void (*listen)(uint32_t port, void (*handler)(void));
    void (*yield)(void);
    /* As sched/mutex.h says. */
    void (*mutex_wait)(struct mutex *mutex);
    void (*mutex_wake)(struct mutex *mutex);
    /* As sched/ready.h says. */
    long (*ready_wait)(struct ready *ready, uint32_t seen, uint64_t until, bool restarts);
    /* sched/census.h: tells of the other threads. */
    void (*census)(void (*tell)(const char *who, unsigned long rip, unsigned long rbp));
    /* sched/account.h: tells the log what the vCPUs have done. */
    void (*account)(void);
    /* Processor time (ns) of a thread, 0: the current one's, -1: the process's. -EINVAL. */
    long (*cpu_time)(int tid, uint64_t *ns);
    /* Ends the thread, if it is not the last one; else returns. */
    void (*exit)(void);
    /* As sched/timer.h says. */
    void (*set_timer)(struct timer *timer, uint64_t when);
    /* As sched/apart.h says. */
    bool (*run_apart)(void (*run)(void));
    long (*futex)(uint32_t *word, int operation, uint32_t value,
                  const struct timespec *limit, uint32_t *word2, uint32_t value3);
};

/* NULL: there is one thread, and nothing can interrupt it. */
extern const struct scheduler *scheduler;

/* What the rest of the runtime calls if there are signals (signal/signal.h). */
struct signals {
    /* At the end of an upcall: calls handlers in the thread that *f is of. */
    void (*deliver)(struct frame *f);
    /* The current thread's mask has changed. */
    void (*mask_changed)(void);
    /* One more for the current thread. */
    void (*raise)(int signal);
    /* As signal/terminate.h says. */
    bool (*terminate)(int signal, uint64_t limit, void (*late)(void));
    /* No more for t, which is the current thread, has signals.ended set, and ends. */
    void (*end)(struct thread *t);
};

/* NULL as long as the program has not asked for any. */
extern const struct signals *signals;

/* From now on there is a scheduler. May be called again. Unmasks events. */
void scheduler_start(void);

#endif
