/* SPDX-License-Identifier: MIT */
/* Clocks and waiting, in nanoseconds. */
#ifndef ATMAN_SCHED_CLOCK_H
#define ATMAN_SCHED_CLOCK_H

#include "base.h"

/* Never goes back, never jumps. Counts from the host's start. */
uint64_t clock_monotonic(void);

/* Since 1970-01-01 00:00 UTC. */
uint64_t clock_realtime(void);

/* What clock_monotonic() was when the program was started. */
uint64_t clock_start(void);

/* Called once, right before the program. */
void clock_init(void);

/* Returns when clock_monotonic() has reached until, never before. */
void clock_sleep_until(uint64_t until);

#endif
