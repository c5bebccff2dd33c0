/* SPDX-License-Identifier: MIT */
/*
 * Threads of the program: what the runtime knows of each, and how one waits and is woken.
 *
 * A thread that is to wait for something calls thread_prepare under the lock that whoever
 * wakes it takes, makes itself known there, drops the lock and calls thread_sleep. A wake
 * in between is not lost: thread_sleep returns at once. From thread_prepare on events are
 * masked, so that no signal handler runs while the thread is known to others; once it has
 * made itself unknown it calls thread_finish, in which handlers run that its signals ask
 * for.
 */
#ifndef ATMAN_SCHED_THREAD_H
#define ATMAN_SCHED_THREAD_H

#include "base/list.h"
#include "base/tree.h"
#include "pv/frame.h"
#include "pv/line.h"
#include "pv/switch.h"
#include "sched/timer.h"
#include "signal/thread.h"
#include "xen/lock.h"

enum thread_state {
    THREAD_READY, /* running, or in a run queue */
    THREAD_SLEEPING,
    THREAD_DEAD,
};

enum wake {
    WAKE_NONE,
    WAKE_EVENT,   /* what it waited for */
    WAKE_TIMEOUT, /* its time is over */
    WAKE_SIGNAL,  /* a signal that is not blocked is pending for it */
};

/* Linux's scheduling policies, as far as they are told apart. */
struct thread_policy {
    int policy;   /* SCHED_OTHER, SCHED_FIFO, SCHED_RR, SCHED_BATCH or SCHED_IDLE */
    int priority; /* 1 to 99 for FIFO and RR, else 0 */
    int nice;     /* is only kept */
    bool resets;  /* threads that this one makes are SCHED_OTHER */
};

struct backed;

struct futex_wait {
    struct list node;    /* of a bucket's list (sched/futextable.h) */
    const void *address; /* NULL: not waiting */
    uint32_t bits;       /* of FUTEX_WAIT_BITSET */
    int rank;            /* when it began to wait */
};

/* Under lend_lock (sched/lend.h). */
struct lend_wait {
    struct lend_mutex *mutex; /* that is waited for, or NULL */
    struct tree_node node;    /* of its waiters */
    struct list owned;        /* mutexes that are this thread's and others wait for */
    long result;              /* of the wait, from who ended it */
    bool ended;               /* owns nothing any more */
};

/* What fs/pagewait.c knows of one that waits for a page of a file; under its lock. */
struct pagewait {
    struct list node;
    struct thread *thread;
    struct backed *backed;
    unsigned long index;
    long error;   /* why it cannot be had */
    uint8_t kind; /* enum pagewait_kind */
    bool waits;   /* is in the list */
    bool in_fault, wanted;
};

#define THREAD_RAW_STACK (2 * PAGE_SIZE)

struct thread {
    /* Saved while it does not run: pv/switch.S relies on the frame's being first. */
    struct frame frame;         /* if it was preempted */
    struct switch_stack resume; /* sp points here then */
    unsigned long sp;
    unsigned long fs_base;
    void *fpu; /* behind the struct */

    /* Under the lock of vcpu's run queue; vcpu itself changes only under it. */
    struct vcpu *vcpu;
    struct list ready; /* in the run queue, if queued */
    bool queued;
    bool interruptible; /* by WAKE_SIGNAL */
    uint8_t state;      /* enum thread_state */
    uint8_t wake;       /* enum wake: why it was woken last */
    int rank; /* in the run queue: 0, or the priority of FIFO and RR, maybe lent */
    struct thread_policy policy;
    uint32_t affinity; /* bits of vCPUs */

    /* The thread's own. */
    int tid;
    char name[16];
    int *clear_tid; /* 0 is stored there, and a waiter woken, when it is gone */
    void *robust;   /* struct robust_list_head of Linux */
    unsigned long unmap_start, unmap_size; /* its stack, to be unmapped when it is gone */
    struct raw_call *raw; /* the `syscall` instruction that it is in (sys/raw.c), or NULL */
    unsigned long raw_stack; /* the stack for those; 0 before the first one */
    unsigned long missed;    /* pv/access.h: what has to be waited for, or 0 */

    /* Ticks of the time-stamp counter, and switches of its own will and not. */
    uint64_t ticks, since; /* since: when it was last put on a vCPU */
    unsigned long switches, preemptions;

    struct timer timer; /* of thread_sleep, for this moment: */
    uint64_t until;
    struct futex_wait futex;
    struct lend_wait lend;
    struct pagewait pagewait; /* of a fault */
    struct thread_signals signals;

    struct tree_node by_tid; /* under LOCK_THREADS */
};

/* The one that main runs in; there before any other thing of sched/. */
extern struct thread thread_main;

/* All threads by id: calls of these hold LOCK_THREADS. */
extern struct lock threads_lock;
extern struct tree threads;

/*
 * The thread of that id, or NULL. It may end as soon as the lock is dropped. threads_lock
 * must be held.
 */
struct thread *thread_find(int tid);

/* How many have not ended. */
extern unsigned thread_live;

/* The last id that was given; 0: as long as there is no scheduler. Under the lock. */
extern int thread_last;

/* Of those that have: their switches. Under the lock. */
extern struct thread_past {
    unsigned long switches, preemptions;
} thread_past;

/*
 * A new thread that goes on at frame, which is user mode's, with that %fs base. It inherits
 * policy, affinity, signal mask and control words from the current one and gets an id, by
 * which it is found; it runs once schedule_add is called. NULL: no memory.
 */
struct thread *thread_make(const struct frame *frame, unsigned long fs_base);

/*
 * One of the runtime's own, which nobody finds and no signal reaches: it runs that function
 * on the stack that ends there once schedule_add is called, and never ends. NULL: no
 * memory.
 */
struct thread *thread_make_own(void (*run)(void), unsigned long stack_end);

/* Takes back the memory of a thread that is dead, or was never made ready. */
void thread_free(struct thread *t);

/* thread_main is in the table from now on. */
void thread_init(void);

/* From now on thread_wake takes effect. Masks events. */
void thread_prepare(bool interruptible);

/*
 * Waits until it is woken, or until that moment (sched/clock.h; 0: no limit), or for a
 * signal if it is interruptible. Returns why, with events still masked.
 */
enum wake thread_sleep(uint64_t until);

/*
 * Unmasks events after a wait. Says what handlers were called, for a thread whose wait was
 * ended by WAKE_SIGNAL: with HANDLED_NONE nothing has happened, and it waits on.
 */
enum handled thread_finish(void);

/* Wakes t if it sleeps, or is about to; true if this call did. Any locks but run queues'.
 */
bool thread_wake(struct thread *t, enum wake reason);

#endif
