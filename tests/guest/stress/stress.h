/* SPDX-License-Identifier: MIT */
/*
 * What the stress test's parts share: its 64 workers, each with a place of its own for what
 * only it may touch, its random numbers and what it is doing (for a report if it hangs).
 * A part is a set of operations; one call of one takes a few milliseconds at most, leaves
 * everything consistent, and checks what it finds.
 */
#ifndef ATMAN_TESTS_STRESS_H
#define ATMAN_TESTS_STRESS_H

#include "thread/thread.h"

#include <setjmp.h>
#include <signal.h>

enum { WORKERS = 64, REGIONS = 3, REGION_PAGES = 12, BLOCKS = 8, PAGE = 4096 };

struct region {
    char *base; /* NULL: there is none */
    unsigned char state[REGION_PAGES], rights[REGION_PAGES];
};

struct worker {
    pthread_t thread;
    volatile int tid;
    uint64_t random;
    const char *volatile doing;
    volatile int operations;
    /* signals.h */
    volatile int sent, handled, ordinary;
    volatile int64_t deadline; /* of its timer; 0: none is set */
    volatile int fired;
    /* memory.h */
    struct region regions[REGIONS];
    void *blocks[BLOCKS];
    sigjmp_buf fault;
    char *volatile faulty; /* it expects a SIGSEGV there */
};

static struct worker workers[WORKERS];
static volatile int stop;
static _Thread_local struct worker *self; /* NULL in other threads */

static inline uint64_t next_random(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

/* 0 to limit - 1, of this worker's own sequence. */
static inline unsigned below(unsigned limit) {
    return (unsigned)(next_random(&self->random) % limit);
}

/* A sleep that handlers may interrupt, but never cut short. */
static inline void sleep_us(long us) {
    int64_t until = now_ns(CLOCK_MONOTONIC) + us * 1000;
    struct timespec time = time_of(until);

    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) == EINTR)
        ;
    CHECK(now_ns(CLOCK_MONOTONIC) >= until);
}

#endif
