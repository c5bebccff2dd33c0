/* SPDX-License-Identifier: MIT */
/*
 * Time limits, in milliseconds of a clock that never jumps.
 */
#ifndef ATMAN_RUN_CLOCK_H
#define ATMAN_RUN_CLOCK_H

#include <stdint.h>

/* Milliseconds since some fixed point; more than 0. */
int64_t clock_now(void);

/* How long poll() may wait for a moment of that clock: 0 if it is over, -1 (for ever) if
 * the moment is 0. */
int clock_until(int64_t moment);

#endif
