/* SPDX-License-Identifier: MIT */
/*
 * Xen's clocks, read from shared_info without a hypercall
 * (xen/include/public/xen.h, struct vcpu_time_info). In nanoseconds.
 */
#ifndef ATMAN_XEN_TIME_H
#define ATMAN_XEN_TIME_H

#include "base.h"

/* Since the host started; the same on all vCPUs, and never less than it was. Any mode. */
uint64_t xen_time_system(void);

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
