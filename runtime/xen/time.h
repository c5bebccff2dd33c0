/* SPDX-License-Identifier: MIT */
/*
 * Xen's clocks, read from shared_info without a hypercall
 * (xen/include/public/xen.h, struct vcpu_time_info). In nanoseconds.
 */
#ifndef ATMAN_XEN_TIME_H
#define ATMAN_XEN_TIME_H

#include "base.h"

/* Since the first host started, without the times that the domain was suspended; the same
 * on all vCPUs, and never less than it was. Any mode. */
uint64_t xen_time_system(void);

/* The same moment as Xen counts here and now, for a hypercall: not 0. Events are off, so
 * that the domain is not suspended before that. */
uint64_t xen_time_own(uint64_t system);

/* Nothing else runs: the domain is about to be suspended, and goes on, perhaps elsewhere.
 */
void xen_time_stop(void);
void xen_time_go_on(void);

/* How long it has been suspended so far, by the wall clock. */
extern uint64_t xen_time_away;

/* To be called on the first vCPU before another one is started. */
void xen_time_share(void);

/* How the processor's counter becomes time, now, on the first vCPU. */
struct xen_time_rate {
    int8_t shift;
    uint32_t fraction;
};

struct xen_time_rate xen_time_rate(void);
uint64_t xen_time_scale(uint64_t ticks, struct xen_time_rate rate);

/* Since 1970, UTC, at the moment when system time was 0. */
uint64_t xen_time_wall_base(void);

#endif
