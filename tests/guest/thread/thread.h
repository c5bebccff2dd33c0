/* SPDX-License-Identifier: MIT */
/*
 * What tests of threads, futexes and scheduling share: starting and joining, waiting for a
 * word to change, deadlines. Nothing here may be what a test is about:
 * waiting is done by looking and sleeping, so that a lost wake-up shows in the test alone.
 */
#ifndef ATMAN_TESTS_THREAD_H
#define ATMAN_TESTS_THREAD_H

#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

#define MS 1000000l /* nanoseconds */
#define SECOND 1000000000l
#define LENGTH(array) (sizeof(array) / sizeof *(array))

/* Says where the program is, for the case that it stops there, and calls it. */
#define RUN(test)                                                                          \
    do {                                                                                   \
        puts(#test);                                                                       \
        fflush(stdout);                                                                    \
        test();                                                                            \
    } while (0)

static inline int load(const volatile int *word) {
    return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}

static inline void store(volatile int *word, int value) {
    __atomic_store_n(word, value, __ATOMIC_SEQ_CST);
}

/* The value before. */
static inline int add(volatile int *word, int value) {
    return __atomic_fetch_add(word, value, __ATOMIC_SEQ_CST);
}

static inline int64_t now_ns(clockid_t clock) {
    struct timespec t;

    clock_gettime(clock, &t);
    return t.tv_sec * SECOND + t.tv_nsec;
}

static inline struct timespec time_of(int64_t ns) {
    return (struct timespec){.tv_sec = ns / SECOND, .tv_nsec = ns % SECOND};
}

static inline struct timespec from_now(clockid_t clock, long ms) {
    return time_of(now_ns(clock) + ms * MS);
}

static inline int is_past(clockid_t clock, const struct timespec *limit) {
    return now_ns(clock) >= limit->tv_sec * SECOND + limit->tv_nsec;
}

static inline void sleep_ms(long ms) {
    struct timespec t = time_of(ms * MS);

    while (nanosleep(&t, &t) < 0)
        ;
}

/* Waits until *word is at least value; false after 30 s, which is a failed test. */
static inline int await(const volatile int *word, int value) {
    for (int64_t end = now_ns(CLOCK_MONOTONIC) + 30 * SECOND; load(word) < value;) {
        if (now_ns(CLOCK_MONOTONIC) > end)
            return 0;
        sleep_ms(1);
    }
    return 1;
}

/* A new thread; without one there is nothing to test. */
static inline pthread_t start_with(const pthread_attr_t *attributes, void *(*run)(void *),
                                   void *argument) {
    pthread_t thread;
    int error = pthread_create(&thread, attributes, run, argument);

    if (error) {
        printf("pthread_create: %s\n", strerror(error));
        exit(1);
    }
    return thread;
}

static inline pthread_t start(void *(*run)(void *), void *argument) {
    return start_with(NULL, run, argument);
}

/* Its result. */
static inline void *finish(pthread_t thread) {
    void *result = NULL;

    CHECK_EQUAL(pthread_join(thread, &result), 0);
    return result;
}

static inline int gettid_now(void) {
    return (int)syscall(SYS_gettid);
}

#endif
