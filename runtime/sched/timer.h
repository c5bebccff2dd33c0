/* SPDX-License-Identifier: MIT */
/*
 * Timers: something is called when the system time (xen/time.h) has reached a value, never
 * before. Each vCPU has a queue of those that were set on it and one single-shot timer of
 * the hypervisor, which is set for the first of them.
 */
#ifndef ATMAN_SCHED_TIMER_H
#define ATMAN_SCHED_TIMER_H

#include "base/tree.h"

struct vcpu;

struct timer {
    struct tree_node node;
    struct vcpu *vcpu; /* in whose queue it is, or was last */
    bool queued;
    uint64_t when; /* ns of system time */
    void (*fire)(struct timer *timer);
};

/*
 * fire(timer) is to be called at when; in a kernel entry, without locks. It may set the
 * timer again. The timer must not be in a queue. Never fails.
 */
void timer_set(struct timer *timer, uint64_t when);

/*
 * Afterwards timer is in no queue and its fire is not running on another vCPU. True if it
 * was taken from a queue. Not to be called under a lock that fire takes.
 */
bool timer_cancel(struct timer *timer);

/*
 * The same without waiting: its fire may be running. For those whose fire finds out that
 * its time has not come. Calls for one timer exclude one another.
 */
bool timer_remove(struct timer *timer);

/* The hypervisor's timer of this vCPU may be set no more, or for a time that is another one
 * now. In a kernel entry. */
void timer_again(void);

/* Whether any is in that vCPU's queue, and: this vCPU takes them over. In a kernel entry;
 * some may stay if one is firing there. */
bool timer_is_any(struct vcpu *vcpu);
void timer_adopt(struct vcpu *from);

/* The hypervisor's timer of this vCPU has fired. In a kernel entry. */
void timer_run(void);

#endif
