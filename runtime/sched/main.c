/* SPDX-License-Identifier: MIT */
/* What every image has of the scheduler: its first thread, and the place of the rest. */
#include "sched/hooks.h"
#include "sched/thread.h"

#include <sched.h>

struct thread thread_main = {.tid = 1, .affinity = ~0u};

const struct scheduler *scheduler;
