/* SPDX-License-Identifier: MIT */
/*
 * Xen's clocks, read from shared_info without a hypercall
 * (xen/include/public/xen.h, struct vcpu_time_info). In nanoseconds.
 */
#ifndef ATMAN_XEN_TIME_H
#define ATMAN_XEN_TIME_H

#include "base.h"

/* Since the host started. */
uint64_t xen_time_system(void);

/* Since 1970, UTC, at the moment when system time was 0. */
uint64_t xen_time_wall_base(void);

#endif
