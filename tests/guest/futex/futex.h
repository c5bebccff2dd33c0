/* SPDX-License-Identifier: MIT */
/*
 * The raw futex call, as futex(2) has it: nothing of the C library's is between a test and
 * the kernel. The numbers are Linux's (the system has no <linux/futex.h> of its own).
 */
#ifndef ATMAN_TESTS_FUTEX_H
#define ATMAN_TESTS_FUTEX_H

#include "thread/thread.h"

enum {
    FUTEX_WAIT,
    FUTEX_WAKE,
    FUTEX_FD,
    FUTEX_REQUEUE,
    FUTEX_CMP_REQUEUE,
    FUTEX_WAKE_OP,
    FUTEX_LOCK_PI,
    FUTEX_UNLOCK_PI,
    FUTEX_TRYLOCK_PI,
    FUTEX_WAIT_BITSET,
    FUTEX_WAKE_BITSET,
    FUTEX_WAIT_REQUEUE_PI,
    FUTEX_CMP_REQUEUE_PI,
    FUTEX_LOCK_PI2,
    FUTEX_PRIVATE = 128,
    FUTEX_REALTIME = 256, /* an absolute time is on this clock, not on the monotonic one */
};

/* A PI futex's word: the owner's thread number and these. */
#define FUTEX_WAITERS 0x80000000u
#define FUTEX_OWNER_DIED 0x40000000u
#define FUTEX_TID_MASK 0x3fffffffu

/* WAKE_OP's third value. */
enum { OP_SET, OP_ADD, OP_OR, OP_ANDN, OP_XOR, OP_SHIFTED = 8 };
enum { CMP_EQ, CMP_NE, CMP_LT, CMP_LE, CMP_GT, CMP_GE };
#define WAKE_OP(op, operand, cmp, comparand)                                               \
    ((int)((unsigned)(op) << 28 | (unsigned)(cmp) << 24 | ((operand) & 0xfff) << 12 |      \
           ((comparand) & 0xfff)))

/* Returns -1 and sets errno; time is a struct timespec or, for REQUEUE and its kin, a
 * number. */
static inline long futex(volatile void *word, int operation, int value, const void *time,
                         volatile void *other, int value3) {
    return syscall(SYS_futex, word, operation, value, time, other, value3);
}

static inline long futex_wait(volatile int *word, int value) {
    return futex(word, FUTEX_WAIT | FUTEX_PRIVATE, value, NULL, NULL, 0);
}

static inline long futex_wake(volatile int *word, int count) {
    return futex(word, FUTEX_WAKE | FUTEX_PRIVATE, count, NULL, NULL, 0);
}

/*
 * A thread that waits once on a word, perhaps for certain bits. Whether a thread is asleep
 * cannot be asked; sleepers_start() requeues those who wait to where they are, until the
 * kernel counts as many as there should be.
 */
struct sleeper {
    pthread_t thread;
    volatile int *word;
    int value;
    unsigned bits; /* 0: FUTEX_WAIT */
    int shared;    /* without FUTEX_PRIVATE */
    int order;     /* what *turn was when it returned */
    volatile int *turn;
    int error;         /* of the wait; 0: it was woken */
    volatile int done; /* it has returned */
};

static inline void *sleeper_run(void *argument) {
    struct sleeper *s = argument;
    int private = s->shared ? 0 : FUTEX_PRIVATE;
    long result = s->bits ? futex(s->word, FUTEX_WAIT_BITSET | private, s->value, NULL,
                                  NULL, (int)s->bits)
                          : futex(s->word, FUTEX_WAIT | private, s->value, NULL, NULL, 0);

    s->error = result < 0 ? errno : 0;
    s->order = s->turn ? add(s->turn, 1) : 0;
    store(&s->done, 1);
    return NULL;
}

/* How many wait on the word: CMP_REQUEUE to itself moves everyone and wakes nobody. */
static inline long waiting_on(volatile int *word, int shared) {
    return futex(word, FUTEX_CMP_REQUEUE | (shared ? 0 : FUTEX_PRIVATE), 0,
                 (void *)(long)1000000, word, load(word));
}

/* Waits until count threads wait on the word. */
static inline void await_waiting(volatile int *word, int shared, long count) {
    int64_t end = now_ns(CLOCK_MONOTONIC) + 20 * SECOND;
    long now;

    while ((now = waiting_on(word, shared)) < count && now_ns(CLOCK_MONOTONIC) < end) {
        sleep_ms(1);
        if (now < 0)
            break;
    }
    CHECK_EQUAL(now, count);
}

/* Starts count sleepers as the example is described, one after another. */
static inline void sleepers_start(struct sleeper *sleepers, int count,
                                  struct sleeper example) {
    long now = waiting_on(example.word, example.shared), before = now > 0 ? now : 0;

    for (int i = 0; i < count; i++) {
        sleepers[i] = example;
        sleepers[i].thread = start(sleeper_run, &sleepers[i]);
        await_waiting(example.word, example.shared, before + i + 1);
    }
}

static inline void sleepers_finish(struct sleeper *sleepers, int count) {
    for (int i = 0; i < count; i++)
        finish(sleepers[i].thread);
}

static inline int sleepers_done(const struct sleeper *sleepers, int count) {
    int done = 0;

    for (int i = 0; i < count; i++)
        done += load(&sleepers[i].done);
    return done;
}

#endif
