/* SPDX-License-Identifier: MIT */
/* Time limits as system calls take them. */
#ifndef ATMAN_SCHED_DEADLINE_H
#define ATMAN_SCHED_DEADLINE_H

#include "base.h"

struct timespec;

/* The program's *time in nanoseconds, less than CLOCK_WALL. -EFAULT; -EINVAL for what is no
 * time. */
long deadline_ns(const struct timespec *time, uint64_t *ns);

/*
 * The program's *limit as a moment (sched/clock.h; never 0) in *until: from now on, or
 * absolute, on the monotonic clock or the real-time one. -EFAULT; -EINVAL for what is no
 * time.
 */
long deadline_read(const struct timespec *limit, bool absolute, bool realtime,
                   uint64_t *until);

#endif
