/* SPDX-License-Identifier: MIT */
/*
 * No clock that only goes forward goes back between threads, on whichever processors they
 * run: what one has read, and passed on, nobody reads less than afterwards.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include <sched.h>

#include "check.h"
#include "handlers.h"

enum { THREADS = 4, READS = 20000 };

static const clockid_t clocks[] = {CLOCK_MONOTONIC,          CLOCK_MONOTONIC_RAW,
                                   CLOCK_BOOTTIME,           CLOCK_MONOTONIC_COARSE,
                                   CLOCK_PROCESS_CPUTIME_ID, CLOCK_REALTIME};
enum { CLOCKS = sizeof clocks / sizeof *clocks };

static int64_t latest;
static int back, here;
static clockid_t used;

static void *run(void *argument) {
    __atomic_fetch_add(&here, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&here, __ATOMIC_SEQ_CST) < THREADS)
        sched_yield();
    for (int i = 0; i < READS / CLOCKS; i++) {
        int64_t before = __atomic_load_n(&latest, __ATOMIC_SEQ_CST);
        int64_t now = read_clock(used);
        if (now < before)
            __atomic_fetch_add(&back, 1, __ATOMIC_SEQ_CST);
        while (now > before &&
               !__atomic_compare_exchange_n(&latest, &before, now, 0, __ATOMIC_SEQ_CST,
                                            __ATOMIC_SEQ_CST))
            ;
        if (i % 64 == 0)
            sched_yield();
    }
    return argument;
}

int main(void) {
    pthread_t threads[THREADS];

    for (int c = 0; c < CLOCKS; c++) {
        used = clocks[c];
        latest = here = 0;
        for (int i = 0; i < THREADS; i++)
            CHECK_EQUAL(pthread_create(&threads[i], NULL, run, NULL), 0);
        for (int i = 0; i < THREADS; i++)
            CHECK_EQUAL(pthread_join(threads[i], NULL), 0);
        if (!CHECK(back == 0))
            printf("    clock %d went back %d times\n", used, back);
        back = 0;
        CHECK(latest > 0);
    }
    /* these two are one clock until it is set or the domain sleeps */
    int64_t apart = read_clock(CLOCK_BOOTTIME) - read_clock(CLOCK_MONOTONIC);
    int64_t later = read_clock(CLOCK_BOOTTIME) - read_clock(CLOCK_MONOTONIC);
    CHECK(llabs(apart - later) < SECOND);
    return checks_end();
}
