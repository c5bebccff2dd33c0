/* SPDX-License-Identifier: MIT */
/*
 * Locks of the runtime. A taken lock keeps events masked on its vCPU, so its holder is not
 * preempted, and a kernel entry on the same vCPU never finds it taken by what it
 * interrupted. Who finds it taken spins for a moment, then sleeps in the hypervisor: the
 * holder's vCPU may not be running at all.
 *
 * While a lock is held nothing blocks, the program's memory is accessed only by
 * pv/access.h, and the stack grows by no more than LOCK_STACK bytes: those are touched
 * before the lock is taken, so that a stack that overflows or grows does so then.
 *
 * Order. A lock may be taken while one of a lower rank is held:
 */
#ifndef ATMAN_XEN_LOCK_H
#define ATMAN_XEN_LOCK_H

#include "pv/line.h"

enum lock_rank {
    LOCK_TRACE,   /* trace/: the line begun, the totals */
    LOCK_START,   /* sched/vcpu.c: the start of a vCPU */
    LOCK_ALARM,   /* sched/alarm.c: all alarms */
    LOCK_SIGNAL,  /* signal/: actions, masks, queues */
    LOCK_FUTEX,   /* sched/futex.c: a bucket; two of them by address */
    LOCK_LEND,    /* sched/lend.c: who owns and who waits for mutexes that lend priority */
    LOCK_FILES,   /* fs/table.c: the table of descriptors */
    LOCK_NAMES,   /* fs/entry.c: names and parents */
    LOCK_DISKS,   /* block/disk.c: the list of disks */
    LOCK_LINKS,   /* net/front.c: the list of links */
    LOCK_OBJECT,  /* what is in a pipe, a socket, a terminal, xenstore and the like */
    LOCK_READY,   /* sched/ready.c: who watches an object; others that watch that one */
    LOCK_EPOLL,   /* fs/epoll.c: what an epoll has ready */
    LOCK_WAIT,    /* any queue of waiting threads */
    LOCK_THREADS, /* sched/thread.c: the table of threads */
    LOCK_RUN,     /* sched/schedule.c: a vCPU's run queue; a second only by lock_try */
    LOCK_TIMER,   /* sched/timer.c: a vCPU's queue */
    LOCK_CONSOLE, /* console/ */
    LOCK_GRANT,   /* xen/grant.c: the free entries */
    LOCK_HEAP,    /* mm/heap.c */
    LOCK_SPACE,   /* mm/space.c: areas, page tables; a page fault takes it */
    LOCK_CACHE,   /* fs/cache.c: the pages of a file; a page fault takes it */
    LOCK_PAGE,    /* mm/page.c: frames */
};

enum { LOCK_STACK = 1024 };

/* {0} is a free lock, of rank 0. */
struct lock {
    uint32_t word; /* 0: free, 1: taken, 2: taken and somebody sleeps */
#ifdef ATMAN_DEBUG
    uint16_t rank, owner;
    struct lock *below; /* taken before this one on the same vCPU */
#endif
};

#ifdef ATMAN_DEBUG
#    define LOCK_INIT(r) {.rank = (r)}
#else
#    define LOCK_INIT(r) {0}
#endif

void lock_init(struct lock *lock, enum lock_rank rank);
void lock_take(struct lock *lock);
void lock_drop(struct lock *lock);

/* Takes the lock if it is free. */
bool lock_try(struct lock *lock);

/* lock_drop, but the events stay masked until the caller's events_on. */
void lock_release(struct lock *lock);

/*
 * Masks and unmasks events on this vCPU, that is, preemption, too; in pairs that may nest.
 * In a kernel entry they stay masked throughout.
 */
static inline void events_off(void) {
    __asm__ __volatile__("movb $1, %%gs:%c0; incq %%gs:%c1"
                         :
                         : "i"(GS_MASK), "i"(GS_DEPTH)
                         : "memory", "cc");
}

void events_on(void);

#endif
