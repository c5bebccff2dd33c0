/* SPDX-License-Identifier: MIT */
/*
 * Processor time of threads and of the process, in ticks of the counter or nanoseconds. The
 * scheduler writes down when a thread is put on a vCPU and taken from it; the process has
 * what the idle threads have not.
 */
#ifndef ATMAN_SCHED_CPUTIME_H
#define ATMAN_SCHED_CPUTIME_H

#include "base.h"

struct thread;

/* The counter. */
static inline uint64_t cputime_ticks(void) {
    uint32_t low, high;

    __asm__ __volatile__("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
    return (uint64_t)high << 32 | low;
}

uint64_t cputime_ns(uint64_t ticks);

/* ns that the first vCPU had run before the scheduler was on, all for the first thread. */
extern uint64_t cputime_alone;

/* ns that t has run, or all threads together, those that have ended as well. */
uint64_t cputime_thread(struct thread *t);
uint64_t cputime_process(void);

/* The same by a thread's id: 0 is the current one, -1 all. -EINVAL: there is no such. */
long cputime_read(int tid, uint64_t *ns);

/* Called once, before the scheduler is on. */
void cputime_init(void);

#endif
