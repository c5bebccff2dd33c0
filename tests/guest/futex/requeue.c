/* SPDX-License-Identifier: MIT */
/*
 * FUTEX_REQUEUE and FUTEX_CMP_REQUEUE: how many are woken, how many move, that those who
 * moved wait at the new place alone, still with their time limits.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include "futex/futex.h"

#include <limits.h>

enum { MANY = 8 };

static volatile int first, second, turn;
static struct sleeper sleepers[MANY];

static long requeue(int wake, int move) {
    return futex(&first, FUTEX_REQUEUE | FUTEX_PRIVATE, wake, (void *)(long)move, &second,
                 0);
}

static long compare_requeue(int wake, int move, int value) {
    return futex(&first, FUTEX_CMP_REQUEUE | FUTEX_PRIVATE, wake, (void *)(long)move,
                 &second, value);
}

static void begin(void) {
    store(&first, 1);
    store(&second, 2);
    store(&turn, 0);
    sleepers_start(sleepers, MANY,
                   (struct sleeper){.word = &first, .value = 1, .turn = &turn});
}

/* Everyone is woken in the order in which they came. */
static void drain(volatile int *word, int from, int count) {
    for (int i = from; i < from + count; i++) {
        CHECK_EQUAL(futex_wake(word, 1), 1);
        CHECK(await(&sleepers[i].done, 1));
    }
    CHECK_EQUAL(futex_wake(word, 1), 0);
}

static void end(void) {
    sleepers_finish(sleepers, MANY);
    for (int i = 0; i < MANY; i++)
        CHECK(sleepers[i].error == 0 && sleepers[i].order == i);
}

/* The count is of those woken and those moved. */
static void test_counts(void) {
    begin();
    CHECK_EQUAL(requeue(1, 3), 4); /* wakes 0, moves 1 to 3 */
    CHECK(await(&sleepers[0].done, 1));
    sleep_ms(3);
    CHECK_EQUAL(sleepers_done(sleepers, MANY), 1);
    drain(&second, 1, 3);
    drain(&first, 4, 4);
    CHECK_EQUAL(requeue(1, 3), 0);
    end();
}

static void test_compared(void) {
    begin();
    CHECK_FAILS(compare_requeue(1, 5, 2), EAGAIN);
    CHECK_FAILS(compare_requeue(0, INT_MAX, 0), EAGAIN);
    CHECK_EQUAL(sleepers_done(sleepers, MANY), 0);
    CHECK_EQUAL(compare_requeue(0, INT_MAX, 1), MANY);
    CHECK_EQUAL(futex_wake(&first, INT_MAX), 0);
    CHECK_EQUAL(compare_requeue(2, INT_MAX, 1), 0);
    drain(&second, 0, MANY);
    end();
}

static void test_all_woken(void) {
    begin();
    CHECK_EQUAL(compare_requeue(3, 0, 1), 3);
    for (int i = 0; i < 3; i++)
        CHECK(await(&sleepers[i].done, 1));
    CHECK_EQUAL(compare_requeue(100, 100, 1), MANY - 3);
    sleepers_finish(sleepers, MANY);
    CHECK_EQUAL(futex_wake(&second, INT_MAX), 0);
}

/* To the place where they are. */
static void test_nowhere(void) {
    begin();
    CHECK_EQUAL(futex(&first, FUTEX_CMP_REQUEUE | FUTEX_PRIVATE, 1, (void *)2l, &first, 1),
                3);
    CHECK(await(&sleepers[0].done, 1));
    drain(&first, 1, MANY - 1);
    end();
}

/* There and back. */
static void test_back(void) {
    begin();
    CHECK_EQUAL(requeue(0, MANY), MANY);
    CHECK_EQUAL(
        futex(&second, FUTEX_REQUEUE | FUTEX_PRIVATE, 0, (void *)(long)MANY, &first, 0),
        MANY);
    CHECK_EQUAL(futex_wake(&second, 1), 0);
    drain(&first, 0, MANY);
    end();
}

/* Behind those who are there already, and their bits move with them. */
static void test_joined(void) {
    struct sleeper example = {.word = &second, .value = 2, .bits = 4};
    long wake = FUTEX_WAKE_BITSET | FUTEX_PRIVATE;

    store(&first, 1);
    store(&second, 2);
    sleepers_start(&sleepers[0], 1, example);
    example = (struct sleeper){.word = &first, .value = 1, .bits = 4 | 1};
    sleepers_start(&sleepers[1], 1, example);
    example.bits = 2;
    sleepers_start(&sleepers[2], 1, example);
    CHECK_EQUAL(requeue(0, 9), 2);
    CHECK_EQUAL(futex(&second, (int)wake, 9, NULL, NULL, 8), 0);
    CHECK_EQUAL(futex(&second, (int)wake, 1, NULL, NULL, 4), 1);
    CHECK(await(&sleepers[0].done, 1));
    CHECK_EQUAL(futex(&second, (int)wake, 9, NULL, NULL, 4), 1);
    CHECK(await(&sleepers[1].done, 1));
    CHECK_EQUAL(futex(&second, (int)wake, 9, NULL, NULL, 2), 1);
    sleepers_finish(sleepers, 3);
}

static volatile int timed_out;

static void *wait_a_while(void *argument) {
    struct timespec time = {.tv_nsec = 100 * MS};
    int64_t start_time = now_ns(CLOCK_MONOTONIC);

    CHECK_FAILS(futex(&first, FUTEX_WAIT | FUTEX_PRIVATE, 1, &time, NULL, 0), ETIMEDOUT);
    CHECK(now_ns(CLOCK_MONOTONIC) - start_time >= 100 * MS);
    add(&timed_out, 1);
    return argument;
}

static void test_time_limit_moves(void) {
    pthread_t thread = start(wait_a_while, NULL);

    while (waiting_on(&first, 0) == 0 && !load(&timed_out))
        sleep_ms(1);
    CHECK(requeue(0, 9) == 1 || load(&timed_out));
    CHECK(await(&timed_out, 1));
    CHECK_EQUAL(futex_wake(&second, 9), 0);
    finish(thread);
}

static void test_wrong(void) {
    char *bad = (char *)-4096;

    CHECK_FAILS(requeue(-1, 1), EINVAL);
    CHECK_FAILS(requeue(1, -1), EINVAL);
    CHECK_FAILS(compare_requeue(-1, 1, 1), EINVAL);
    CHECK_FAILS(compare_requeue(1, -1, 1), EINVAL);
    CHECK_FAILS(futex((int *)((char *)&first + 1), FUTEX_REQUEUE, 1, NULL, &second, 0),
                EINVAL);
    CHECK_FAILS(futex(&first, FUTEX_REQUEUE, 1, NULL, (int *)((char *)&second + 2), 0),
                EINVAL);
    CHECK_FAILS(futex(&first, FUTEX_REQUEUE | FUTEX_PRIVATE, 1, NULL, (int *)bad, 0),
                EFAULT);
    CHECK_FAILS(futex((int *)bad, FUTEX_REQUEUE | FUTEX_PRIVATE, 1, NULL, &first, 0),
                EFAULT);
    /* the value must be read, so something must be there */
    CHECK_FAILS(futex(NULL, FUTEX_CMP_REQUEUE | FUTEX_PRIVATE, 1, NULL, &first, 0), EFAULT);
}

int main(void) {
    RUN(test_counts);
    RUN(test_compared);
    RUN(test_all_woken);
    RUN(test_nowhere);
    RUN(test_back);
    RUN(test_joined);
    RUN(test_time_limit_moves);
    RUN(test_wrong);
    return checks_end();
}
