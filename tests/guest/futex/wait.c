/* SPDX-License-Identifier: MIT */
/*
 * FUTEX_WAIT and FUTEX_WAKE, plain and with bit sets: who is woken, how many, in which
 * order; that a wake-up is neither lost nor doubled.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include "futex/futex.h"

enum { MANY = 8 };

static volatile int word, other, turn;
static struct sleeper sleepers[MANY];

static void begin(void) {
    store(&word, 1);
    store(&other, 1);
    store(&turn, 0);
}

static void test_nobody(void) {
    begin();
    CHECK_FAILS(futex_wait(&word, 0), EAGAIN);
    CHECK_FAILS(futex_wait(&word, -1), EAGAIN);
    CHECK_EQUAL(futex_wake(&word, 1), 0);
    CHECK_EQUAL(futex_wake(&word, 0x7fffffff), 0);
}

static void test_one(void) {
    begin();
    sleepers_start(sleepers, 1, (struct sleeper){.word = &word, .value = 1});
    CHECK_EQUAL(futex_wake(&other, 1), 0);
    CHECK_EQUAL(futex_wake(&word, 1), 1);
    sleepers_finish(sleepers, 1);
    CHECK_EQUAL(sleepers[0].error, 0);
    CHECK_EQUAL(futex_wake(&word, 1), 0);
}

/* Those who came first are woken first, each once. */
static void test_order(void) {
    begin();
    sleepers_start(sleepers, MANY,
                   (struct sleeper){.word = &word, .value = 1, .turn = &turn});
    for (int i = 0; i < MANY; i++) {
        CHECK_EQUAL(futex_wake(&word, 1), 1);
        CHECK(await(&sleepers[i].done, 1));
        CHECK_EQUAL(sleepers_done(sleepers, MANY), i + 1);
    }
    CHECK_EQUAL(futex_wake(&word, 1), 0);
    sleepers_finish(sleepers, MANY);
    for (int i = 0; i < MANY; i++)
        CHECK(sleepers[i].order == i && sleepers[i].error == 0);
}

static void test_several(void) {
    begin();
    sleepers_start(sleepers, MANY, (struct sleeper){.word = &word, .value = 1});
    CHECK_EQUAL(futex_wake(&word, 3), 3);
    for (int i = 0; i < 3; i++)
        CHECK(await(&sleepers[i].done, 1));
    sleep_ms(5);
    CHECK_EQUAL(sleepers_done(sleepers, MANY), 3);
    CHECK_EQUAL(futex_wake(&word, 0x7fffffff), MANY - 3);
    sleepers_finish(sleepers, MANY);
    CHECK_EQUAL(futex_wake(&word, 0x7fffffff), 0);
}

static long wake_bits(unsigned bits, int count) {
    return futex(&word, FUTEX_WAKE_BITSET | FUTEX_PRIVATE, count, NULL, NULL, (int)bits);
}

static void test_bits(void) {
    struct sleeper example = {.word = &word, .value = 1};

    begin();
    for (int i = 0; i < 4; i++) {
        example.bits = 1u << (i * 10 + 1); /* bits 1, 11, 21, 31 */
        sleepers_start(&sleepers[i], 1, example);
    }
    example.bits = 0; /* a plain wait has every bit */
    sleepers_start(&sleepers[4], 1, example);
    example.bits = 1u << 31 | 1;
    sleepers_start(&sleepers[5], 1, example);
    CHECK_EQUAL(wake_bits(1u << 11, 1), 1);
    CHECK(await(&sleepers[1].done, 1));
    CHECK_EQUAL(wake_bits(1u << 31, 10), 3); /* 3, 4 and 5 */
    for (int i = 3; i < 6; i++)
        CHECK(await(&sleepers[i].done, 1));
    CHECK_EQUAL(wake_bits(~(1u << 1 | 1u << 21), 10), 0);
    CHECK_EQUAL(futex_wake(&word, 10), 2); /* a plain wake has every bit as well */
    sleepers_finish(sleepers, 6);
    CHECK_FAILS(wake_bits(0, 1), EINVAL);
    CHECK_FAILS(futex(&word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE, 1, NULL, NULL, 0), EINVAL);
    CHECK_FAILS(futex(&word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE, 2, NULL, NULL, 4), EAGAIN);
}

/* Without FUTEX_PRIVATE it is the same to one program. */
static void test_shared(void) {
    begin();
    sleepers_start(sleepers, 3, (struct sleeper){.word = &word, .value = 1, .shared = 1});
    CHECK_EQUAL(futex(&other, FUTEX_WAKE, 9, NULL, NULL, 0), 0);
    CHECK_EQUAL(futex(&word, FUTEX_WAKE, 1, NULL, NULL, 0), 1);
    CHECK_EQUAL(futex(&word, FUTEX_WAKE, 9, NULL, NULL, 0), 2);
    sleepers_finish(sleepers, 3);
}

/* The halves of a page, and words side by side, are different places. */
static void test_neighbours(void) {
    static volatile int words[2048];

    for (int i = 0; i < MANY; i++)
        sleepers_start(&sleepers[i], 1, (struct sleeper){.word = &words[i * i * 32 + i]});
    CHECK_EQUAL(futex_wake(&words[2], 10), 0);
    for (int i = MANY; i-- > 0;)
        CHECK_EQUAL(futex_wake(&words[i * i * 32 + i], 10), 1);
    sleepers_finish(sleepers, MANY);
}

static volatile int ball;

static void *play(void *argument) {
    int mine = (int)(long)argument;

    for (int i = 0; i < 1000; i++) {
        while (load(&ball) != mine)
            futex_wait(&ball, !mine);
        store(&ball, !mine);
        futex_wake(&ball, 1);
    }
    return NULL;
}

/* One lost wake-up stops this for ever. */
static void test_ping_pong(void) {
    pthread_t threads[2];

    for (long i = 0; i < 2; i++)
        threads[i] = start(play, (void *)i);
    finish(threads[0]);
    finish(threads[1]);
    CHECK_EQUAL(ball, 0);
}

static volatile int tickets, woken, finished;

static void *take_tickets(void *argument) {
    for (int got; (got = load(&tickets)) >= 0;) {
        if (got == 0)
            add(&woken, futex_wait(&tickets, 0) == 0);
        else if (__atomic_compare_exchange_n(&tickets, &got, got - 1, 0, __ATOMIC_SEQ_CST,
                                             __ATOMIC_SEQ_CST))
            add(&finished, 1);
    }
    return argument;
}

/* What FUTEX_WAKE says that it woke is what returns 0. */
static void test_counts(void) {
    pthread_t threads[MANY];
    long said = 0;

    for (int i = 0; i < MANY; i++)
        threads[i] = start(take_tickets, NULL);
    for (int i = 0; i < 500; i++) {
        add(&tickets, 1);
        said += futex_wake(&tickets, 1);
        if (i % 50 == 0)
            sleep_ms(1);
    }
    CHECK(await(&finished, 500));
    store(&tickets, -1);
    said += futex_wake(&tickets, MANY);
    for (int i = 0; i < MANY; i++)
        finish(threads[i]);
    CHECK_EQUAL(finished, 500);
    CHECK_EQUAL(woken, said);
}

int main(void) {
    RUN(test_nobody);
    RUN(test_one);
    RUN(test_order);
    RUN(test_several);
    RUN(test_bits);
    RUN(test_shared);
    RUN(test_neighbours);
    RUN(test_ping_pong);
    RUN(test_counts);
    return checks_end();
}
