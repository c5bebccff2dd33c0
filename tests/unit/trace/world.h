/* SPDX-License-Identifier: MIT */
/* What the tracer finds around it in these tests: a clock, a thread, a console. */
#ifndef ATMAN_TESTS_UNIT_TRACE_WORLD_H
#define ATMAN_TESTS_UNIT_TRACE_WORLD_H

#include <stdint.h>

extern uint64_t world_time; /* ns since the program's start */
extern long world_thread;

/* What was written since the last call, in as many pieces as there are lines. */
const char *world_written(void);

#endif
