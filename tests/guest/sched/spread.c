/* SPDX-License-Identifier: MIT */
/*
 * Work spreads over the vCPUs: as many threads as there are run at the same time, new ones,
 * woken ones and those left over when others end.
 */
// stdout-from: checks
// vcpus: 2 4
#define _GNU_SOURCE
#include "thread/thread.h"

enum { MOST = 32 };

static int processors;
static volatile int stop, go, running, on[MOST];

/* The part of the time that all vCPUs could have given, in percent, that the program used
 * while it waited for ms. */
static int used_percent(long ms) {
    int64_t time = now_ns(CLOCK_MONOTONIC), used = now_ns(CLOCK_PROCESS_CPUTIME_ID);

    sleep_ms(ms);
    time = now_ns(CLOCK_MONOTONIC) - time;
    used = now_ns(CLOCK_PROCESS_CPUTIME_ID) - used;
    return (int)(used * 100 / time / processors);
}

static void *spin(void *argument) {
    volatile int *mine = &on[(long)argument];

    add(&running, 1);
    while (!load(&go))
        sleep_ms(1);
    while (!load(&stop))
        store(mine, sched_getcpu() + 1);
    return NULL;
}

static void check_spread(int threads) {
    char seen[MOST] = {0};
    int count = 0, percent = 0;

    for (int i = 0; i < 20 && percent < 80; i++)
        percent = used_percent(100); /* they may need a while to find their places */
    if (!CHECK(percent >= 80))
        printf("    %d %%\n", percent);
    for (int i = 0; i < threads; i++)
        if (load(&on[i]) && !seen[load(&on[i]) - 1]++)
            count++;
    CHECK_EQUAL(count, processors);
}

static void test(int threads, int asleep_first) {
    pthread_t spinners[MOST];

    stop = running = 0;
    go = !asleep_first;
    for (long i = 0; i < threads; i++) {
        on[i] = 0;
        spinners[i] = start(spin, (void *)i);
    }
    CHECK(await(&running, threads));
    store(&go, 1);
    check_spread(threads);
    store(&stop, 1);
    for (int i = 0; i < threads; i++)
        finish(spinners[i]);
}

static void test_new(void) {
    test(processors, 0);
    test(processors * 2, 0);
}

static void test_woken(void) {
    test(processors, 1);
    test(processors * 2, 1);
}

/* Two threads that hand over to each other without a system call are quick only if both
 * run. */
static volatile int ball;

static void *play(void *argument) {
    int mine = (int)(long)argument;

    for (int i = 0; i < 500; i++) {
        while (load(&ball) != mine)
            ;
        store(&ball, !mine);
    }
    return NULL;
}

static void test_handing_over(void) {
    pthread_t threads[2];

    for (long i = 0; i < 2; i++) {
        cpu_set_t set;

        threads[i] = start(play, (void *)i);
        CPU_ZERO(&set);
        CPU_SET((size_t)i, &set);
        CHECK_EQUAL(pthread_setaffinity_np(threads[i], sizeof set, &set), 0);
    }
    finish(threads[0]);
    finish(threads[1]);
    CHECK_EQUAL(ball, 0);
}

static void *work_and_end(void *argument) {
    for (volatile long i = 0; i < (long)argument; i++)
        ;
    return NULL;
}

/* The part of the vCPUs' time, in percent, that threads of very different lengths used. */
static int uneven_percent(void) {
    pthread_t threads[MOST];
    int64_t used = now_ns(CLOCK_PROCESS_CPUTIME_ID), time = now_ns(CLOCK_MONOTONIC);

    for (int i = 0; i < processors * 6; i++)
        threads[i] = start(work_and_end, (void *)(i % 3 ? 1000000l : 3000000l));
    for (int i = 0; i < processors * 6; i++)
        finish(threads[i]);
    time = now_ns(CLOCK_MONOTONIC) - time;
    used = now_ns(CLOCK_PROCESS_CPUTIME_ID) - used;
    return (int)(used * 100 / time / processors);
}

/* More threads than vCPUs: none waits while a vCPU is idle. A machine that is busy with
 * other things takes vCPUs away, so the best of some tries counts. */
static void test_uneven(void) {
    int percent = 0;

    for (int i = 0; i < 10 && percent < 60; i++)
        percent = uneven_percent();
    if (!CHECK(percent >= 60))
        printf("    %d %%\n", percent);
}

int main(void) {
    processors = (int)sysconf(_SC_NPROCESSORS_ONLN);
    CHECK(processors >= 2 && processors * 6 <= MOST);
    RUN(test_new);
    RUN(test_woken);
    RUN(test_handing_over);
    RUN(test_uneven);
    return checks_end();
}
