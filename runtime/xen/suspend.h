/* SPDX-License-Identifier: MIT */
/*
 * `xl save`, `xl migrate`: the domain is stopped, and goes on as another one, perhaps on
 * another host, where event channels, grants and Xen's timers are gone and machine frames
 * are others; or here, if it was only a checkpoint or failed.
 *
 * Whoever keeps something of that kind has a step.
 */
#ifndef ATMAN_XEN_SUSPEND_H
#define ATMAN_XEN_SUSPEND_H

#include "base.h"

/* Steps stop in this order, and go on in the opposite one. */
enum suspend_order {
    SUSPEND_WATCHES, /* xenbus/: who watches the store's nodes */
    SUSPEND_DEVICES, /* what is connected with other domains */
    SUSPEND_STORE,   /* xenbus/wire.c: no request is under way */
    SUSPEND_CONSOLE, /* console/ */
    SUSPEND_VCPUS,   /* sched/: from here on nothing else runs */
    SUSPEND_RING,    /* xenbus/wire.c, block/: the other ends are new ones */
    SUSPEND_ACCOUNT, /* sched/clock.c: Xen's account of the vCPUs */
    SUSPEND_GRANTS,  /* xen/grant.c: the table's frames are not mapped any more */
    SUSPEND_EVENTS,  /* how Xen tells of events */
    SUSPEND_ORDERS,
};

/*
 * Both may be NULL, and are called on the first vCPU, in a kernel entry without a lock.
 * Those of one order: in any.
 */
struct suspend_step {
    struct suspend_step *next;
    enum suspend_order order;
    bool is_added;
    /* False, after a line in the log: it cannot be done, the domain goes on. */
    bool (*stop)(void);
    /* Also if this step, or another, did not stop. */
    void (*go_on)(bool is_elsewhere);
};

/* From now on the step is made; calls that follow do nothing. Any locks. */
void suspend_add(struct suspend_step *step);

/* On the first vCPU, in a kernel entry without a lock. */
void suspend(void);

#endif
