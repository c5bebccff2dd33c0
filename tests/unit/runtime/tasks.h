/* SPDX-License-Identifier: MIT */
/*
 * Threads of the runtime for tests of what blocks: threads of the build host of which one
 * runs at a time, until it sleeps or ends. Behind sched/thread.h, xen/lock.h and
 * pv/access.h are fakes that check how they are used.
 */
#ifndef ATMAN_TEST_TASKS_H
#define ATMAN_TEST_TASKS_H

#include "sched/thread.h"

enum { TASKS = 8 };

/* Their ids are 1 to TASKS; the others' fields are all zero at first. */
extern struct thread tasks[TASKS];

/* The number of the one that runs. */
unsigned task_number(void);

/*
 * Runs body in all of them. While they sleep they are woken now and then without a cause:
 * by their time limit, or if interrupted by a signal.
 */
void tasks_run(void (*body)(void), bool interrupted);

/* Another may run now. */
void task_yield(void);

#endif
