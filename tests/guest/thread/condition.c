/* SPDX-License-Identifier: MIT */
/*
 * Condition variables: on either clock, private and shared, with every kind of mutex;
 * signals reach one, broadcasts all, storms lose nobody.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include "thread/thread.h"

enum { THREADS = 16, STORMS = 50 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition;
static volatile int waiting, passed, generation;

static void make(clockid_t clock, int shared) {
    pthread_condattr_t a;
    clockid_t got = -1;
    int value = -1;

    CHECK_EQUAL(pthread_condattr_init(&a), 0);
    CHECK_EQUAL(pthread_condattr_setclock(&a, clock), 0);
    CHECK(pthread_condattr_getclock(&a, &got) == 0 && got == clock);
    CHECK_EQUAL(pthread_condattr_setpshared(&a, shared), 0);
    CHECK(pthread_condattr_getpshared(&a, &value) == 0 && value == shared);
    CHECK_EQUAL(pthread_cond_init(&condition, &a), 0);
    CHECK_EQUAL(pthread_condattr_destroy(&a), 0);
}

static void test_attributes(void) {
    pthread_condattr_t a;
    clockid_t clock = -1;

    pthread_condattr_init(&a);
    CHECK(pthread_condattr_getclock(&a, &clock) == 0 && clock == CLOCK_REALTIME);
    CHECK_EQUAL(pthread_condattr_setclock(&a, CLOCK_PROCESS_CPUTIME_ID), EINVAL);
    CHECK_EQUAL(pthread_condattr_setpshared(&a, 77), EINVAL);
    pthread_condattr_destroy(&a);
}

static void check_time_limit(clockid_t clock) {
    struct timespec limit = from_now(clock, 15), wrong = {.tv_nsec = SECOND};

    pthread_mutex_lock(&mutex);
    CHECK_EQUAL(pthread_cond_timedwait(&condition, &mutex, &limit), ETIMEDOUT);
    CHECK(is_past(clock, &limit));
    CHECK_EQUAL(pthread_cond_timedwait(&condition, &mutex, &limit), ETIMEDOUT);
    CHECK_EQUAL(pthread_cond_timedwait(&condition, &mutex, &wrong), EINVAL);
    wrong.tv_nsec = -1;
    CHECK_EQUAL(pthread_cond_timedwait(&condition, &mutex, &wrong), EINVAL);
    CHECK_EQUAL(pthread_mutex_unlock(&mutex), 0);
}

/* Waits for one generation after another. */
static void *follow(void *clock) {
    pthread_mutex_lock(&mutex);
    for (int seen = 0; seen < STORMS; seen++) {
        add(&waiting, 1);
        while (generation == seen) {
            if (clock) {
                struct timespec limit = from_now(*(clockid_t *)clock, 30000);
                CHECK_EQUAL(pthread_cond_timedwait(&condition, &mutex, &limit), 0);
            } else {
                CHECK_EQUAL(pthread_cond_wait(&condition, &mutex), 0);
            }
        }
        passed++;
    }
    pthread_mutex_unlock(&mutex);
    return NULL;
}

/* Everyone waits, everyone is woken, again and again. */
static void check_storms(clockid_t *clock) {
    pthread_t threads[THREADS];

    waiting = passed = generation = 0;
    for (int i = 0; i < THREADS; i++)
        threads[i] = start(follow, clock);
    for (int i = 0; i < STORMS; i++) {
        while (load(&waiting) < THREADS * (i + 1))
            sched_yield();
        pthread_mutex_lock(&mutex);
        CHECK_EQUAL(passed, THREADS * i);
        generation++;
        if (i % 2)
            pthread_cond_broadcast(&condition);
        pthread_mutex_unlock(&mutex);
        if (i % 2 == 0)
            CHECK_EQUAL(pthread_cond_broadcast(&condition), 0);
    }
    for (int i = 0; i < THREADS; i++)
        finish(threads[i]);
    CHECK_EQUAL(passed, THREADS * STORMS);
}

static void test_every_kind(void) {
    static clockid_t clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC};

    for (int shared = 0; shared < 2; shared++)
        for (int i = 0; i < 2; i++) {
            make(clocks[i], shared);
            check_time_limit(clocks[i]);
            check_storms(i ? &clocks[i] : NULL);
            CHECK_EQUAL(pthread_cond_destroy(&condition), 0);
        }
}

/* With each kind of mutex; a recursive one that is locked once. */
static void test_mutexes(void) {
    static const int types[] = {PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_RECURSIVE,
                                PTHREAD_MUTEX_ERRORCHECK};
    pthread_mutexattr_t a;

    make(CLOCK_REALTIME, 0);
    for (int i = 0; i < 12; i++) {
        pthread_mutexattr_init(&a);
        pthread_mutexattr_settype(&a, types[i % 3]);
        pthread_mutexattr_setprotocol(&a,
                                      i / 3 & 1 ? PTHREAD_PRIO_INHERIT : PTHREAD_PRIO_NONE);
        pthread_mutexattr_setrobust(&a, i / 6);
        pthread_mutex_init(&mutex, &a);
        check_time_limit(CLOCK_REALTIME);
        check_storms(NULL);
        if (types[i % 3] != PTHREAD_MUTEX_NORMAL)
            CHECK_EQUAL(pthread_cond_wait(&condition, &mutex), EPERM);
        pthread_mutex_destroy(&mutex);
    }
    mutex = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
}

static volatile int tokens;

static void *take_token(void *argument) {
    pthread_mutex_lock(&mutex);
    add(&waiting, 1);
    while (tokens == 0)
        pthread_cond_wait(&condition, &mutex);
    tokens--;
    passed++;
    pthread_mutex_unlock(&mutex);
    return argument;
}

/* A signal for each is enough for all of them. */
static void test_signals(void) {
    pthread_t threads[THREADS];

    make(CLOCK_REALTIME, 0);
    waiting = passed = tokens = 0;
    CHECK_EQUAL(pthread_cond_signal(&condition), 0); /* nobody: not remembered */
    for (int i = 0; i < THREADS; i++)
        threads[i] = start(take_token, NULL);
    CHECK(await(&waiting, THREADS));
    sleep_ms(5);
    for (int i = 0; i < THREADS; i++) {
        pthread_mutex_lock(&mutex);
        CHECK(passed <= i);
        tokens++;
        CHECK_EQUAL(pthread_cond_signal(&condition), 0);
        pthread_mutex_unlock(&mutex);
    }
    for (int i = 0; i < THREADS; i++)
        finish(threads[i]);
    CHECK(passed == THREADS && tokens == 0);
}

enum { ITEMS = 600, ROOM = 4 };
static int queue[ROOM], queued, produced, consumed;
static long consumed_sum;
static pthread_cond_t not_empty = PTHREAD_COND_INITIALIZER,
                      not_full = PTHREAD_COND_INITIALIZER;

static void *produce(void *argument) {
    pthread_mutex_lock(&mutex);
    while (produced < ITEMS) {
        if (queued == ROOM) {
            pthread_cond_wait(&not_full, &mutex);
            continue;
        }
        queue[queued++] = ++produced;
        pthread_cond_signal(&not_empty);
    }
    pthread_cond_broadcast(&not_full);
    pthread_mutex_unlock(&mutex);
    return argument;
}

static void *consume(void *argument) {
    pthread_mutex_lock(&mutex);
    while (consumed < ITEMS) {
        if (queued == 0) {
            pthread_cond_wait(&not_empty, &mutex);
            continue;
        }
        consumed_sum += queue[--queued];
        consumed++;
        pthread_cond_signal(&not_full);
    }
    pthread_cond_broadcast(&not_empty);
    pthread_mutex_unlock(&mutex);
    return argument;
}

static void test_queue(void) {
    pthread_t threads[8];

    for (int i = 0; i < 8; i++)
        threads[i] = start(i % 2 ? consume : produce, NULL);
    for (int i = 0; i < 8; i++)
        finish(threads[i]);
    CHECK(produced == ITEMS && consumed == ITEMS && queued == 0);
    CHECK_EQUAL(consumed_sum, (long)ITEMS * (ITEMS + 1) / 2);
}

static volatile int leaving;

static void *wait_briefly(void *argument) {
    pthread_mutex_lock(&mutex);
    while (!load(&leaving)) {
        struct timespec limit = from_now(CLOCK_REALTIME, 1);
        int error = pthread_cond_timedwait(&condition, &mutex, &limit);
        CHECK(error == 0 || (error == ETIMEDOUT && is_past(CLOCK_REALTIME, &limit)));
    }
    pthread_mutex_unlock(&mutex);
    return argument;
}

/* Time limits that pass while signals and broadcasts come. */
static void test_limits_in_a_storm(void) {
    pthread_t threads[THREADS];
    struct timespec end = from_now(CLOCK_MONOTONIC, 150);

    make(CLOCK_REALTIME, 0);
    for (int i = 0; i < THREADS; i++)
        threads[i] = start(wait_briefly, NULL);
    for (int i = 0; !is_past(CLOCK_MONOTONIC, &end); i++) {
        if (i % 3)
            pthread_cond_signal(&condition);
        else
            pthread_cond_broadcast(&condition);
        sched_yield();
    }
    store(&leaving, 1);
    for (int i = 0; i < THREADS; i++)
        finish(threads[i]);
}

int main(void) {
    RUN(test_attributes);
    RUN(test_every_kind);
    RUN(test_mutexes);
    RUN(test_signals);
    RUN(test_queue);
    RUN(test_limits_in_a_storm);
    return checks_end();
}
