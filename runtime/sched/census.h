/* SPDX-License-Identifier: MIT */
/* All threads as they are when the domain comes to a bad end. */
#ifndef ATMAN_SCHED_CENSUS_H
#define ATMAN_SCHED_CENSUS_H

#include "sched/vcpu.h"

/*
 * Tells of each thread but the current one: who it is and what it does, in words; where it
 * is, if that is known, else 0. The text is gone when the call returns.
 */
typedef void census_teller(const char *who, unsigned long rip, unsigned long rbp);

/*
 * Stops the other vCPUs for good, as far as they can be reached, and masks events on this
 * one for good, then tells of all threads.
 */
void census(census_teller *tell);

/* Part of every upcall: does not return if the vCPU is to stop. */
void census_stop(const struct frame *f);

#endif
