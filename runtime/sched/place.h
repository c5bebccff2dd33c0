/* SPDX-License-Identifier: MIT */
/* Which vCPU a thread that becomes ready runs on. */
#ifndef ATMAN_SCHED_PLACE_H
#define ATMAN_SCHED_PLACE_H

#include "sched/vcpu.h"

/* The vCPUs that t may run on now; if none of those it wants may be used, all that may. */
uint32_t place_allowed(const struct thread *t);

/* Says whether that vCPU has nothing to run. */
void place_set_idle(unsigned vcpu, bool is_idle);

/*
 * Where t, which is ready and last ran on last, is to go: a vCPU that it may run on, an
 * idle one if there is, the last if that is as good as others.
 */
struct vcpu *place_choose(const struct thread *t, struct vcpu *last);

/*
 * Where t, which waits for its turn on v (locked), could go on sooner: an idle vCPU; with
 * rotate also one on which fewer wait than on v. NULL: nowhere.
 */
struct vcpu *place_elsewhere(const struct thread *t, const struct vcpu *v, bool rotate);

#endif
