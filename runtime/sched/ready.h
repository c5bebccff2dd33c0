/* SPDX-License-Identifier: MIT */
/*
 * Readiness: the one way in which anything that can be waited for tells that it may have
 * become ready. Blocking calls, poll, select and epoll all watch a struct ready; what has
 * one only notifies it, after the change.
 *
 * Nothing is lost between a look and a wait, because notices are counted: whoever is to
 * wait notes the count before looking.
 */
#ifndef ATMAN_SCHED_READY_H
#define ATMAN_SCHED_READY_H

#include "base/list.h"
#include "xen/lock.h"

/* {.lock = LOCK_INIT(LOCK_READY)} or ready_init. */
struct ready {
    struct lock lock;
    uint32_t count;
    struct list watches; /* empty as {NULL}, too */
};

struct watch {
    struct list node;
    struct ready *ready; /* that it is at, or NULL */
    /*
     * Called under ready's lock, with events masked: events are POLL* that may be true now.
     * May take locks of a higher rank, and those of other struct readys that watch this
     * one in turn.
     */
    void (*notify)(struct watch *watch, unsigned events);
};

void ready_init(struct ready *ready);

/* May be called in any context but under a lock of a rank from LOCK_READY on. */
void ready_notify(struct ready *ready, unsigned events);

void watch_add(struct watch *watch, struct ready *ready);

/* Afterwards notify is not running and will not be called. */
void watch_remove(struct watch *watch);

static inline uint32_t ready_seen(const struct ready *ready) {
    return __atomic_load_n(&ready->count, __ATOMIC_SEQ_CST);
}

/*
 * Waits until ready has been notified since the count was seen, or until that moment
 * (sched/clock.h; 0: no limit). 0: look again. -ETIMEDOUT. -EINTR: a handler was called;
 * if restarts, only one without SA_RESTART counts. While handlers are held, an error of
 * sched/settle.h: one is to be called. There must be a scheduler: whoever makes
 * a struct ready that can be waited for calls scheduler_start.
 */
long ready_wait(struct ready *ready, uint32_t seen, uint64_t until, bool restarts);

/* What scheduler->ready_wait is. */
long ready_sleep(struct ready *ready, uint32_t seen, uint64_t until, bool restarts);

#endif
