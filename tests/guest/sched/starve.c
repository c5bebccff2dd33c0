/* SPDX-License-Identifier: MIT */
/*
 * Threads that never yield: the others go on all the same, soon, and each gets its share;
 * those that wait for a time or for each other are not held up.
 */
// stdout-from: checks
// clock: instructions
// vcpus: 1 2 4
#define _GNU_SOURCE
#include "thread/thread.h"

enum { SPINNERS = 6 };

static volatile int stop, running;
static volatile unsigned long counts[SPINNERS];
static pthread_t spinners[SPINNERS];

static void *spin(void *argument) {
    volatile unsigned long *count = &counts[(long)argument];

    add(&running, 1);
    while (!load(&stop))
        ++*count;
    return NULL;
}

static void spinners_start(int count) {
    store(&stop, 0);
    store(&running, 0);
    for (long i = 0; i < count; i++) {
        counts[i] = 0;
        spinners[i] = start(spin, (void *)i);
    }
    CHECK(await(&running, count));
}

static void spinners_stop(int count) {
    store(&stop, 1);
    for (int i = 0; i < count; i++)
        finish(spinners[i]);
}

static int has_counted(int spinner, unsigned long since) {
    int64_t end = now_ns(CLOCK_MONOTONIC) + 30 * SECOND;

    while (counts[spinner] == since)
        if (now_ns(CLOCK_MONOTONIC) > end)
            return 0;
    return 1;
}

/* The main thread comes back from each sleep, and all have counted in between. */
static void test_sleeper(void) {
    unsigned long before[SPINNERS];

    spinners_start(SPINNERS);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < SPINNERS; i++)
            before[i] = counts[i];
        sleep_ms(10);
        for (int i = 0; i < SPINNERS; i++)
            CHECK(has_counted(i, before[i]));
    }
    spinners_stop(SPINNERS);
}

/* A thread waits, without a system call, for what another one of the same vCPU does. */
static volatile int ball;

static void *play(void *argument) {
    int mine = (int)(long)argument;

    for (int i = 0; i < 5; i++) {
        while (load(&ball) != mine)
            ;
        store(&ball, (mine + 1) % 3);
    }
    return NULL;
}

static void test_spinning_for_another(void) {
    pthread_t threads[3];

    for (long i = 0; i < 3; i++)
        threads[i] = start(play, (void *)i);
    for (int i = 0; i < 3; i++)
        finish(threads[i]);
    CHECK_EQUAL(ball, 0);
}

static volatile int words[2];

static void *answer(void *argument) {
    pthread_mutex_t *locks = argument;

    for (int i = 0; i < 20; i++) {
        pthread_mutex_lock(&locks[i % 2]);
        words[i % 2]++;
        pthread_mutex_unlock(&locks[i % 2]);
        sleep_ms(1);
    }
    return NULL;
}

static void test_lockers(void) {
    static pthread_mutex_t locks[2] = {PTHREAD_MUTEX_INITIALIZER,
                                       PTHREAD_MUTEX_INITIALIZER};
    pthread_t threads[4];

    spinners_start(2);
    for (int i = 0; i < 4; i++)
        threads[i] = start(answer, locks);
    for (int i = 0; i < 4; i++)
        finish(threads[i]);
    spinners_stop(2);
    CHECK(words[0] == 40 && words[1] == 40);
}

/* Of equal threads none gets many times another's share. */
static void test_shares(void) {
    unsigned long least = -1ul, most = 0;

    spinners_start(SPINNERS);
    sleep_ms(1200);
    spinners_stop(SPINNERS);
    for (int i = 0; i < SPINNERS; i++) {
        least = counts[i] < least ? counts[i] : least;
        most = counts[i] > most ? counts[i] : most;
    }
    if (!CHECK(least * 5 > most))
        printf("    %lu to %lu\n", least, most);
}

/* Computing and giving way make no difference to who waits for the time. */
static void *give_way(void *argument) {
    add(&running, 1);
    while (!load(&stop))
        sched_yield();
    return argument;
}

static void test_yielders(void) {
    pthread_t threads[4];

    store(&stop, 0);
    store(&running, 0);
    for (int i = 0; i < 4; i++)
        threads[i] = start(give_way, NULL);
    CHECK(await(&running, 4));
    for (int i = 0; i < 10; i++)
        sleep_ms(1);
    store(&stop, 1);
    for (int i = 0; i < 4; i++)
        finish(threads[i]);
}

int main(void) {
    RUN(test_sleeper);
    RUN(test_spinning_for_another);
    RUN(test_lockers);
    RUN(test_shares);
    RUN(test_yielders);
    return checks_end();
}
