/* SPDX-License-Identifier: MIT */
/* What every image has of the scheduler: its first thread, and the place of the rest. */
#include "sched/hooks.h"
#include "sched/thread.h"

struct thread thread_main; /* its members are set at start: the image need not hold them */

const struct scheduler *scheduler;
const struct signals *signals;
