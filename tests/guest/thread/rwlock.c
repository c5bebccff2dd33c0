/* SPDX-License-Identifier: MIT */
/*
 * Read-write locks, private and shared: readers together, a writer alone, time limits, and
 * nobody is forgotten under load.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include "thread/thread.h"

enum { THREADS = 8, ROUNDS = 200 };

static pthread_rwlock_t lock;
static volatile int inside, writers;
static long first, second;

static void make(int shared) {
    pthread_rwlockattr_t a;
    int value = -1;

    CHECK_EQUAL(pthread_rwlockattr_init(&a), 0);
    CHECK_EQUAL(pthread_rwlockattr_setpshared(&a, 77), EINVAL);
    CHECK_EQUAL(pthread_rwlockattr_setpshared(&a, shared), 0);
    CHECK(pthread_rwlockattr_getpshared(&a, &value) == 0 && value == shared);
    CHECK_EQUAL(pthread_rwlock_init(&lock, &a), 0);
    CHECK_EQUAL(pthread_rwlockattr_destroy(&a), 0);
}

static void *read_together(void *argument) {
    CHECK_EQUAL(pthread_rwlock_rdlock(&lock), 0);
    add(&inside, 1);
    CHECK(await(&inside, THREADS));
    CHECK_EQUAL(pthread_rwlock_unlock(&lock), 0);
    return argument;
}

static void test_readers(void) {
    pthread_t threads[THREADS];

    make(0);
    for (int i = 0; i < THREADS; i++)
        threads[i] = start(read_together, NULL);
    for (int i = 0; i < THREADS; i++)
        finish(threads[i]);
}

static void *refused_by_reader(void *argument) {
    struct timespec limit = from_now(CLOCK_REALTIME, 10), wrong = {0, SECOND};

    CHECK_EQUAL(pthread_rwlock_trywrlock(&lock), EBUSY);
    CHECK_EQUAL(pthread_rwlock_timedwrlock(&lock, &limit), ETIMEDOUT);
    CHECK(is_past(CLOCK_REALTIME, &limit));
    CHECK_EQUAL(pthread_rwlock_timedwrlock(&lock, &wrong), EINVAL);
    CHECK_EQUAL(pthread_rwlock_tryrdlock(&lock), 0);
    CHECK_EQUAL(pthread_rwlock_timedrdlock(&lock, &limit), 0);
    CHECK_EQUAL(pthread_rwlock_unlock(&lock), 0);
    CHECK_EQUAL(pthread_rwlock_unlock(&lock), 0);
    return argument;
}

static void *refused_by_writer(void *argument) {
    struct timespec limit = from_now(CLOCK_REALTIME, 10);

    CHECK_EQUAL(pthread_rwlock_trywrlock(&lock), EBUSY);
    CHECK_EQUAL(pthread_rwlock_tryrdlock(&lock), EBUSY);
    CHECK_EQUAL(pthread_rwlock_timedrdlock(&lock, &limit), ETIMEDOUT);
    CHECK_EQUAL(pthread_rwlock_timedwrlock(&lock, &limit), ETIMEDOUT);
    CHECK(is_past(CLOCK_REALTIME, &limit));
    return argument;
}

static void test_refused(void) {
    for (int shared = 0; shared < 2; shared++) {
        make(shared);
        CHECK_EQUAL(pthread_rwlock_rdlock(&lock), 0);
        finish(start(refused_by_reader, NULL));
        CHECK_EQUAL(pthread_rwlock_unlock(&lock), 0);
        CHECK_EQUAL(pthread_rwlock_wrlock(&lock), 0);
        finish(start(refused_by_writer, NULL));
        CHECK_EQUAL(pthread_rwlock_unlock(&lock), 0);
        CHECK_EQUAL(pthread_rwlock_destroy(&lock), 0);
    }
}

/* The two numbers are the same whenever nobody writes. */
static void *read_and_write(void *argument) {
    for (int i = 0; i < ROUNDS; i++)
        if ((i + (int)(long)argument) % 5) {
            CHECK_EQUAL(pthread_rwlock_rdlock(&lock), 0);
            add(&inside, 1);
            CHECK(load(&writers) == 0);
            long one = first;
            if (i % 10 == 0)
                sched_yield();
            CHECK(one == second);
            add(&inside, -1);
            CHECK_EQUAL(pthread_rwlock_unlock(&lock), 0);
        } else {
            CHECK_EQUAL(pthread_rwlock_wrlock(&lock), 0);
            CHECK(add(&writers, 1) == 0 && load(&inside) == 0);
            first++;
            if (i % 10 == 0)
                sched_yield();
            second++;
            add(&writers, -1);
            CHECK_EQUAL(pthread_rwlock_unlock(&lock), 0);
        }
    return NULL;
}

static void test_load(void) {
    pthread_t threads[THREADS];

    for (int shared = 0; shared < 2; shared++) {
        make(shared);
        first = second = inside = writers = 0;
        for (int i = 0; i < THREADS; i++)
            threads[i] = start(read_and_write, (void *)(long)i);
        for (int i = 0; i < THREADS; i++)
            finish(threads[i]);
        CHECK(first == THREADS * ROUNDS / 5 && second == first);
        CHECK_EQUAL(pthread_rwlock_trywrlock(&lock), 0);
        CHECK_EQUAL(pthread_rwlock_unlock(&lock), 0);
    }
}

static void *write_one(void *argument) {
    CHECK_EQUAL(pthread_rwlock_wrlock(&lock), 0);
    add(&writers, 1);
    CHECK_EQUAL(pthread_rwlock_unlock(&lock), 0);
    return argument;
}

/* The last of several readers lets the writer in. */
static void test_last_reader(void) {
    make(0);
    writers = 0;
    for (int i = 0; i < 5; i++)
        CHECK_EQUAL(pthread_rwlock_rdlock(&lock), 0);
    pthread_t thread = start(write_one, NULL);
    for (int i = 0; i < 5; i++) {
        sleep_ms(2);
        CHECK_EQUAL(load(&writers), 0);
        CHECK_EQUAL(pthread_rwlock_unlock(&lock), 0);
    }
    finish(thread);
    CHECK_EQUAL(writers, 1);
}

int main(void) {
    RUN(test_readers);
    RUN(test_refused);
    RUN(test_load);
    RUN(test_last_reader);
    return checks_end();
}
