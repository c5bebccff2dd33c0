/* SPDX-License-Identifier: MIT */
/* Which vCPU a thread that becomes ready runs on. */
#ifndef ATMAN_SCHED_PLACE_H
#define ATMAN_SCHED_PLACE_H

#include "sched/vcpu.h"

/* Says whether that vCPU has nothing to run. */
void place_set_idle(unsigned vcpu, bool is_idle);

/*
 * Where t, which is ready and last ran on last, is to go: a vCPU that it may run on, an
 * idle one if there is, the last if that is as good as others.
 */
struct vcpu *place_choose(const struct thread *t, struct vcpu *last);

/* An idle vCPU that t may run on; NULL: there is none. */
struct vcpu *place_find_idle(const struct thread *t);

#endif
