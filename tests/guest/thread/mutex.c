/* SPDX-License-Identifier: MIT */
/*
 * Mutexes of every kind (type, robustness, protocol, sharing): what each lets its owner and
 * others do, time limits, and that never two threads are inside.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include "thread/thread.h"

enum { THREADS = 6, ROUNDS = 100 };

struct kind {
    int type, robust, protocol, shared;
};

static pthread_mutex_t mutex;
static long guarded;

static void make(struct kind k) {
    pthread_mutexattr_t a;
    int value = -1;

    CHECK_EQUAL(pthread_mutexattr_init(&a), 0);
    CHECK_EQUAL(pthread_mutexattr_settype(&a, k.type), 0);
    CHECK_EQUAL(pthread_mutexattr_setrobust(&a, k.robust), 0);
    CHECK_EQUAL(pthread_mutexattr_setprotocol(&a, k.protocol), 0);
    CHECK_EQUAL(pthread_mutexattr_setpshared(&a, k.shared), 0);
    CHECK(pthread_mutexattr_gettype(&a, &value) == 0 && value == k.type);
    CHECK(pthread_mutexattr_getrobust(&a, &value) == 0 && value == k.robust);
    CHECK(pthread_mutexattr_getprotocol(&a, &value) == 0 && value == k.protocol);
    CHECK(pthread_mutexattr_getpshared(&a, &value) == 0 && value == k.shared);
    CHECK_EQUAL(pthread_mutex_init(&mutex, &a), 0);
    CHECK_EQUAL(pthread_mutexattr_destroy(&a), 0);
}

static void *count(void *argument) {
    for (int i = 0; i < ROUNDS; i++) {
        if (i % 7 == 0)
            while (pthread_mutex_trylock(&mutex) != 0)
                sched_yield();
        else
            CHECK_EQUAL(pthread_mutex_lock(&mutex), 0);
        long value = guarded;
        if (i % 50 == 0)
            sched_yield();
        guarded = value + 1;
        CHECK_EQUAL(pthread_mutex_unlock(&mutex), 0);
    }
    return argument;
}

static void check_exclusion(void) {
    pthread_t threads[THREADS];

    guarded = 0;
    for (int i = 0; i < THREADS; i++)
        threads[i] = start(count, NULL);
    for (int i = 0; i < THREADS; i++)
        finish(threads[i]);
    CHECK_EQUAL(guarded, THREADS * ROUNDS);
}

/* Somebody else holds it. */
static void *try_from_outside(void *kind) {
    const struct kind *k = kind;
    struct timespec limit = from_now(CLOCK_REALTIME, 10), wrong = {0, SECOND};

    CHECK_EQUAL(pthread_mutex_trylock(&mutex), EBUSY);
    CHECK_EQUAL(pthread_mutex_timedlock(&mutex, &limit), ETIMEDOUT);
    CHECK(is_past(CLOCK_REALTIME, &limit));
    limit = (struct timespec){0};
    CHECK_EQUAL(pthread_mutex_timedlock(&mutex, &limit), ETIMEDOUT);
    if (k->protocol == PTHREAD_PRIO_NONE)
        CHECK_EQUAL(pthread_mutex_timedlock(&mutex, &wrong), EINVAL);
    if (k->type != PTHREAD_MUTEX_NORMAL || k->robust)
        CHECK_EQUAL(pthread_mutex_unlock(&mutex), EPERM);
    return NULL;
}

static void check_owner(struct kind *k) {
    struct timespec limit;

    CHECK_EQUAL(pthread_mutex_lock(&mutex), 0);
    limit = from_now(CLOCK_REALTIME, 10);
    switch (k->type) {
    case PTHREAD_MUTEX_NORMAL:
        CHECK_EQUAL(pthread_mutex_trylock(&mutex), EBUSY);
        CHECK_EQUAL(pthread_mutex_timedlock(&mutex, &limit), ETIMEDOUT);
        CHECK(is_past(CLOCK_REALTIME, &limit));
        break;
    case PTHREAD_MUTEX_ERRORCHECK:
        CHECK(pthread_mutex_trylock(&mutex) != 0); /* glibc sometimes says EDEADLK */
        CHECK_EQUAL(pthread_mutex_lock(&mutex), EDEADLK);
        CHECK_EQUAL(pthread_mutex_timedlock(&mutex, &limit), EDEADLK);
        break;
    default:
        CHECK_EQUAL(pthread_mutex_trylock(&mutex), 0);
        CHECK_EQUAL(pthread_mutex_lock(&mutex), 0);
        CHECK_EQUAL(pthread_mutex_timedlock(&mutex, &limit), 0);
        for (int i = 0; i < 3; i++) {
            finish(start(try_from_outside, k));
            CHECK_EQUAL(pthread_mutex_unlock(&mutex), 0);
        }
    }
    finish(start(try_from_outside, k));
    CHECK_EQUAL(pthread_mutex_unlock(&mutex), 0);
    if (k->type != PTHREAD_MUTEX_NORMAL || k->robust)
        CHECK_EQUAL(pthread_mutex_unlock(&mutex), EPERM);
}

static volatile int got_it;

static void *lock_in_time(void *argument) {
    struct timespec limit = from_now(CLOCK_REALTIME, 30000);

    CHECK_EQUAL(pthread_mutex_timedlock(&mutex, &limit), 0);
    store(&got_it, 1);
    CHECK_EQUAL(pthread_mutex_unlock(&mutex), 0);
    return argument;
}

/* One who waits gets it when it is unlocked, not before. */
static void check_handing_over(void) {
    store(&got_it, 0);
    CHECK_EQUAL(pthread_mutex_lock(&mutex), 0);
    pthread_t thread = start(lock_in_time, NULL);
    sleep_ms(3);
    CHECK_EQUAL(load(&got_it), 0);
    CHECK_EQUAL(pthread_mutex_unlock(&mutex), 0);
    finish(thread);
    CHECK_EQUAL(got_it, 1);
}

static void test_every_kind(void) {
    static const int types[] = {PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_RECURSIVE,
                                PTHREAD_MUTEX_ERRORCHECK};

    for (int i = 0; i < 3 * 8; i++) {
        struct kind k = {.type = types[i % 3],
                         .robust = i / 3 & 1,
                         .protocol = i / 6 & 1 ? PTHREAD_PRIO_INHERIT : PTHREAD_PRIO_NONE,
                         .shared = i / 12 & 1};
        unsigned before = checks_failed;

        make(k);
        check_owner(&k);
        check_handing_over();
        check_exclusion();
        CHECK_EQUAL(pthread_mutex_destroy(&mutex), 0);
        if (checks_failed != before)
            printf("    type %d, robust %d, protocol %d, shared %d\n", k.type, k.robust,
                   k.protocol, k.shared);
    }
}

static void test_attributes(void) {
    pthread_mutexattr_t a;
    int value = -1;

    pthread_mutexattr_init(&a);
    CHECK(pthread_mutexattr_gettype(&a, &value) == 0 && value == PTHREAD_MUTEX_DEFAULT);
    CHECK(pthread_mutexattr_getrobust(&a, &value) == 0 && value == PTHREAD_MUTEX_STALLED);
    CHECK(pthread_mutexattr_getprotocol(&a, &value) == 0 && value == PTHREAD_PRIO_NONE);
    CHECK_EQUAL(pthread_mutexattr_settype(&a, 77), EINVAL);
    CHECK_EQUAL(pthread_mutexattr_setrobust(&a, 77), EINVAL);
    CHECK_EQUAL(pthread_mutexattr_setprotocol(&a, 77), EINVAL);
    CHECK_EQUAL(pthread_mutexattr_setpshared(&a, 77), EINVAL);
#ifdef __atman__ /* musl has no ceilings, and says so */
    mutex = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    CHECK_EQUAL(pthread_mutexattr_setprotocol(&a, PTHREAD_PRIO_PROTECT), ENOTSUP);
    CHECK_EQUAL(pthread_mutex_setprioceiling(&mutex, 10, &value), EINVAL);
    CHECK_EQUAL(pthread_mutex_getprioceiling(&mutex, &value), EINVAL);
#endif
    pthread_mutexattr_destroy(&a);
}

static void test_static(void) {
    mutex = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    check_handing_over();
    check_exclusion();
}

/* Locks beside each other, and many of them. */
static pthread_mutex_t row[100];
static int row_values[100];

static void *walk(void *argument) {
    for (int i = 0; i < 1000; i++) {
        int at = (i * 7 + (int)(long)argument) % 100;

        pthread_mutex_lock(&row[at]);
        row_values[at]++;
        pthread_mutex_unlock(&row[at]);
    }
    return NULL;
}

static void test_row(void) {
    pthread_t threads[THREADS];

    for (int i = 0; i < 100; i++)
        pthread_mutex_init(&row[i], NULL);
    for (int i = 0; i < THREADS; i++)
        threads[i] = start(walk, (void *)(long)i);
    for (int i = 0; i < THREADS; i++)
        finish(threads[i]);
    for (int i = 0; i < 100; i++)
        CHECK_EQUAL(row_values[i], THREADS * 10);
}

int main(void) {
    RUN(test_attributes);
    RUN(test_static);
    RUN(test_every_kind);
    RUN(test_row);
    return checks_end();
}
