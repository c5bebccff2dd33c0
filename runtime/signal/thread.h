/* SPDX-License-Identifier: MIT */
/* What signal/ keeps in each thread (sched/thread.h). */
#ifndef ATMAN_SIGNAL_THREAD_H
#define ATMAN_SIGNAL_THREAD_H

#include "signal/queue.h"

/* Where a thread is as to cancellation (the C library's pthread_cancel). */
enum cancel_point {
    POINT_NONE,
    POINT_INSIDE,      /* in a system call that may be cancelled */
    POINT_INTERRUPTED, /* and that is not to wait any more: -EINTR */
};

/* What has been done about signals while a thread waited. */
enum handled {
    HANDLED_NONE,    /* no handler was called: wait on */
    HANDLED_RESTART, /* one with SA_RESTART: wait on, if the call is one that may */
    HANDLED_BREAK,   /* -EINTR */
    HANDLED_LEAVE,   /* -EINTR, by which a raw call is left to be made again */
};

/* A signal that is taken, whose handler is called once a raw call has ended. */
struct deferred_signal;

/* sigaltstack's; flags are SS_AUTODISARM or 0. size 0: there is none. */
struct signal_stack {
    unsigned long start;
    size_t size;
    unsigned flags;
};

struct thread_signals {
    /*
     * A signal may be pending that is not blocked. Set before the thread is woken for it;
     * read without a lock.
     */
    bool ready;
    uint8_t held;    /* handlers_hold without their handlers_release (sched/mutex.h) */
    bool ended;      /* takes no signals any more; under LOCK_SIGNAL */
    bool goes_back;  /* to the mask `before` after the next handler: sigsuspend */
    uint8_t point;   /* enum cancel_point */
    uint32_t breaks; /* handlers without SA_RESTART that were called; the thread's own */

    uint64_t blocked; /* bit n - 1: signal n; the thread's own, read by senders */
    uint64_t before;
    uint64_t awaited;            /* by sigtimedwait; under LOCK_SIGNAL */
    struct signal_queue pending; /* under LOCK_SIGNAL */
    struct signal_stack stack;   /* the thread's own */
    volatile enum handled
        *outcome; /* where the next handler to be called is noted, or NULL */
    struct deferred_signal *deferred; /* or NULL; as long as it is not, ready is set */
};

#endif
