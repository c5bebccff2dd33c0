/* SPDX-License-Identifier: MIT */
/*
 * LOCK_PI, LOCK_PI2, TRYLOCK_PI and UNLOCK_PI: what they make of the word, who gets the
 * lock next, time limits, and the errors for those who may not have it.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include "futex/futex.h"

static volatile int word;
static volatile int turn;

static long pi(int operation, const struct timespec *until) {
    return futex(&word, operation | FUTEX_PRIVATE, 0, until, NULL, 0);
}

static void test_alone(void) {
    int self = gettid_now();

    CHECK_EQUAL(pi(FUTEX_LOCK_PI, NULL), 0);
    CHECK_EQUAL(word, self);
    CHECK_FAILS(pi(FUTEX_LOCK_PI, NULL), EDEADLK);
    CHECK_FAILS(pi(FUTEX_LOCK_PI2, NULL), EDEADLK);
    CHECK_FAILS(pi(FUTEX_TRYLOCK_PI, NULL), EDEADLK);
    CHECK_EQUAL(word, self);
    CHECK_EQUAL(pi(FUTEX_UNLOCK_PI, NULL), 0);
    CHECK_EQUAL(word, 0);
    CHECK_FAILS(pi(FUTEX_UNLOCK_PI, NULL), EPERM);
    CHECK_EQUAL(pi(FUTEX_TRYLOCK_PI, NULL), 0);
    CHECK_EQUAL(word, self);
    CHECK_EQUAL(pi(FUTEX_UNLOCK_PI, NULL), 0);
    CHECK_EQUAL(pi(FUTEX_LOCK_PI2, NULL), 0);
    CHECK_EQUAL(word, self);
    store(&word, 0); /* the program may unlock by itself while nobody waits */
    CHECK_EQUAL(pi(FUTEX_LOCK_PI, NULL), 0);
    CHECK_EQUAL(pi(FUTEX_UNLOCK_PI, NULL), 0);
    CHECK_EQUAL(word, 0);
}

/* Left by a thread that died: it is taken, and the mark stays for the next to see. */
static void test_left(void) {
    int self = gettid_now();

    store(&word, (int)FUTEX_OWNER_DIED);
    CHECK_EQUAL(pi(FUTEX_LOCK_PI, NULL), 0);
    CHECK_EQUAL(word, FUTEX_OWNER_DIED | (unsigned)self);
    CHECK_EQUAL(pi(FUTEX_UNLOCK_PI, NULL), 0);
    CHECK_EQUAL(word, 0);
}

/* Owned by a thread that there is not. */
static void test_no_owner(void) {
    store(&word, 0x3ffffff0);
    CHECK_FAILS(pi(FUTEX_LOCK_PI, NULL), ESRCH);
    CHECK_FAILS(pi(FUTEX_TRYLOCK_PI, NULL), ESRCH);
    CHECK_FAILS(pi(FUTEX_UNLOCK_PI, NULL), EPERM);
    CHECK_EQUAL((unsigned)word & ~FUTEX_WAITERS, 0x3ffffff0);
    store(&word, 0);
}

struct contender {
    pthread_t thread;
    int operation;
    long ms; /* time limit; 0: none */
    int error, tid, order;
    unsigned seen;
    volatile int ready;
};

static void *contend(void *argument) {
    struct contender *c = argument;
    clockid_t clock = c->operation == FUTEX_LOCK_PI2 ? CLOCK_MONOTONIC : CLOCK_REALTIME;
    struct timespec limit = from_now(clock, c->ms);

    c->tid = gettid_now();
    store(&c->ready, 1);
    c->error = pi(c->operation, c->ms ? &limit : NULL) < 0 ? errno : 0;
    if (c->error == ETIMEDOUT)
        CHECK(is_past(clock, &limit));
    if (c->error)
        return NULL;
    c->seen = (unsigned)load(&word);
    c->order = add(&turn, 1);
    sleep_ms(1);
    CHECK_EQUAL(pi(FUTEX_UNLOCK_PI, NULL), 0);
    return NULL;
}

static void contender_start(struct contender *c, int operation, long ms) {
    *c = (struct contender){.operation = operation, .ms = ms};
    c->thread = start(contend, c);
    CHECK(await(&c->ready, 1));
}

static void test_contended(void) {
    struct contender c[4];
    unsigned self = (unsigned)gettid_now();

    store(&turn, 0);
    CHECK_EQUAL(pi(FUTEX_LOCK_PI, NULL), 0);
    for (size_t i = 0; i < LENGTH(c); i++) {
        contender_start(&c[i], i & 1 ? FUTEX_LOCK_PI2 : FUTEX_LOCK_PI, 0);
        sleep_ms(20); /* most likely asleep, in this order */
    }
    CHECK_EQUAL((unsigned)load(&word), self | FUTEX_WAITERS);
    CHECK_EQUAL(turn, 0);
    CHECK_FAILS(pi(FUTEX_LOCK_PI, NULL), EDEADLK);
    CHECK_EQUAL(pi(FUTEX_UNLOCK_PI, NULL), 0);
    for (size_t i = 0; i < LENGTH(c); i++) {
        finish(c[i].thread);
        CHECK(c[i].error == 0 && c[i].order == (int)i);
        CHECK_EQUAL(c[i].seen & FUTEX_TID_MASK, c[i].tid);
    }
    CHECK_EQUAL(word, 0);
}

static void test_refused(void) {
    struct contender c;

    CHECK_EQUAL(pi(FUTEX_LOCK_PI, NULL), 0);
    contender_start(&c, FUTEX_TRYLOCK_PI, 0);
    finish(c.thread);
    CHECK_EQUAL(c.error, EAGAIN);
    contender_start(&c, FUTEX_UNLOCK_PI, 0);
    finish(c.thread);
    CHECK_EQUAL(c.error, EPERM);
    CHECK_EQUAL((unsigned)load(&word) & FUTEX_TID_MASK, gettid_now());
    CHECK_EQUAL(pi(FUTEX_UNLOCK_PI, NULL), 0);
    CHECK_EQUAL(word, 0);
}

static void test_time_limits(void) {
    struct contender c;
    struct timespec wrong = {.tv_nsec = SECOND};

    CHECK_EQUAL(pi(FUTEX_LOCK_PI, NULL), 0);
    contender_start(&c, FUTEX_LOCK_PI, 20);
    finish(c.thread);
    CHECK_EQUAL(c.error, ETIMEDOUT);
    contender_start(&c, FUTEX_LOCK_PI2, 20);
    finish(c.thread);
    CHECK_EQUAL(c.error, ETIMEDOUT);
    CHECK_EQUAL(pi(FUTEX_UNLOCK_PI, NULL), 0);
    CHECK_EQUAL(word, 0);
    CHECK_FAILS(pi(FUTEX_LOCK_PI, &wrong), EINVAL);
    CHECK_FAILS(pi(FUTEX_LOCK_PI, (void *)8), EFAULT);
}

static void *lock_and_leave(void *argument) {
    CHECK_EQUAL(pi(FUTEX_LOCK_PI, NULL), 0);
    sleep_ms(10);
    return argument;
}

/* Its owner ends without a robust list: the next one gets it, marked. */
static void test_owner_ends(void) {
    struct contender c;
    pthread_t thread = start(lock_and_leave, NULL);

    while (load(&word) == 0)
        sleep_ms(1);
    contender_start(&c, FUTEX_LOCK_PI, 0);
    finish(thread);
    finish(c.thread);
    CHECK(c.error == 0 || c.error == ESRCH); /* it may have come too late */
    if (c.error == 0)
        CHECK_EQUAL(c.seen & ~FUTEX_WAITERS, FUTEX_OWNER_DIED | (unsigned)c.tid);
    store(&word, 0);
}

static void test_kinds_mixed(void) {
    struct sleeper sleeper;

    CHECK_EQUAL(pi(FUTEX_LOCK_PI, NULL), 0);
    sleepers_start(&sleeper, 1, (struct sleeper){.word = &word, .value = gettid_now()});
    CHECK_EQUAL(futex_wake(&word, 1), 1);
    finish(sleeper.thread);
    CHECK_EQUAL(pi(FUTEX_UNLOCK_PI, NULL), 0);
}

static long guarded;

static void *count(void *argument) {
    int self = gettid_now();

    for (int i = 0; i < 300; i++) {
        int free = 0;

        if (!__atomic_compare_exchange_n(&word, &free, self, 0, __ATOMIC_SEQ_CST,
                                         __ATOMIC_SEQ_CST))
            CHECK_EQUAL(pi(FUTEX_LOCK_PI, NULL), 0);
        long value = guarded;
        if (i % 20 == 0)
            sched_yield();
        guarded = value + 1;
        int mine = self;
        if (!__atomic_compare_exchange_n(&word, &mine, 0, 0, __ATOMIC_SEQ_CST,
                                         __ATOMIC_SEQ_CST))
            CHECK_EQUAL(pi(FUTEX_UNLOCK_PI, NULL), 0);
    }
    return argument;
}

static void test_exclusion(void) {
    pthread_t threads[8];

    for (size_t i = 0; i < LENGTH(threads); i++)
        threads[i] = start(count, NULL);
    for (size_t i = 0; i < LENGTH(threads); i++)
        finish(threads[i]);
    CHECK_EQUAL(guarded, LENGTH(threads) * 300);
    CHECK_EQUAL(word, 0);
}

int main(void) {
    RUN(test_alone);
    RUN(test_left);
    RUN(test_no_owner);
    RUN(test_contended);
    RUN(test_refused);
    RUN(test_time_limits);
    RUN(test_owner_ends);
    RUN(test_kinds_mixed);
    RUN(test_exclusion);
    return checks_end();
}
