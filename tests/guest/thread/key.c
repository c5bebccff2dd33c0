/* SPDX-License-Identifier: MIT */
/* Thread-specific data: keys, their destructors, the limit; and pthread_once. */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include "thread/thread.h"

#include <limits.h>

enum { THREADS = 20 };

static pthread_key_t key, second;
static volatile int destroyed, sum;

static void destroy(void *value) {
    CHECK(!pthread_getspecific(key));
    add(&destroyed, 1);
    add(&sum, *(int *)value);
    free(value);
}

static void *set_own(void *argument) {
    int *value = malloc(sizeof *value);

    CHECK(!pthread_getspecific(key));
    *value = (int)(long)argument;
    CHECK_EQUAL(pthread_setspecific(key, value), 0);
    sched_yield();
    CHECK(pthread_getspecific(key) == value);
    if ((long)argument % 2)
        pthread_exit(NULL);
    return NULL;
}

static void test_destructors(void) {
    pthread_t threads[THREADS];

    CHECK_EQUAL(pthread_key_create(&key, destroy), 0);
    for (int i = 0; i < THREADS; i++)
        threads[i] = start(set_own, (void *)(long)i);
    for (int i = 0; i < THREADS; i++)
        finish(threads[i]);
    CHECK_EQUAL(destroyed, THREADS);
    CHECK_EQUAL(sum, THREADS * (THREADS - 1) / 2);
    CHECK(!pthread_getspecific(key));
    CHECK_EQUAL(pthread_key_delete(key), 0);
}

/* A destructor that sets its key again is called again, but not for ever. */
static void set_again(void *value) {
    add(&destroyed, 1);
    CHECK_EQUAL(pthread_setspecific(key, value), 0);
}

/* One that sets another key has that one destroyed, too. */
static void set_other(void *value) {
    CHECK_EQUAL(pthread_setspecific(second, value), 0);
}

static void count_other(void *value) {
    add((int *)value, 1);
}

static void *set(void *argument) {
    CHECK_EQUAL(pthread_setspecific(key, argument), 0);
    return NULL;
}

static void test_again(void) {
    volatile int others = 0;

    store(&destroyed, 0);
    CHECK_EQUAL(pthread_key_create(&key, set_again), 0);
    finish(start(set, &key));
    CHECK_EQUAL(destroyed, PTHREAD_DESTRUCTOR_ITERATIONS);
    CHECK_EQUAL(pthread_key_delete(key), 0);
    CHECK_EQUAL(pthread_key_create(&key, set_other), 0);
    CHECK_EQUAL(pthread_key_create(&second, count_other), 0);
    finish(start(set, (void *)&others));
    CHECK_EQUAL(others, 1);
    CHECK(pthread_key_delete(key) == 0 && pthread_key_delete(second) == 0);
}

/* All keys there are; then one fewer; a new one is empty in every thread. */
static void test_limit(void) {
    static pthread_key_t keys[PTHREAD_KEYS_MAX + 1];
    int count = 0, error;

    while ((error = pthread_key_create(&keys[count], NULL)) == 0 &&
           count < PTHREAD_KEYS_MAX) {
        CHECK(!pthread_getspecific(keys[count]));
        CHECK_EQUAL(pthread_setspecific(keys[count], &keys[count]), 0);
        count++;
    }
    CHECK_EQUAL(error, EAGAIN);
    CHECK(count >= 120);
    for (int i = 0; i < count; i++)
        if (pthread_getspecific(keys[i]) != &keys[i])
            CHECK(!"a key has another's value");
    CHECK_EQUAL(pthread_key_delete(keys[count / 2]), 0);
    CHECK_EQUAL(pthread_key_create(&keys[count / 2], NULL), 0);
    CHECK(!pthread_getspecific(keys[count / 2]));
    for (int i = 0; i < count; i++)
        CHECK_EQUAL(pthread_key_delete(keys[i]), 0);
}

static pthread_once_t control;
static volatile int begun, ended, cancel_it;

static void initialise(void) {
    add(&begun, 1);
    sleep_ms(3);
    if (load(&cancel_it) && add(&cancel_it, -1) > 0) {
        pthread_cancel(pthread_self());
        pthread_testcancel();
    }
    add(&ended, 1);
}

static void *once(void *argument) {
    CHECK_EQUAL(pthread_once(&control, initialise), 0);
    CHECK_EQUAL(load(&ended), 1);
    return argument;
}

/* Nobody goes on before it has been done, and it is done once. */
static void test_once(int cancelled) {
    static const pthread_once_t fresh = PTHREAD_ONCE_INIT;
    pthread_t threads[THREADS];
    int ended_early = 0;

    control = fresh;
    begun = ended = 0;
    cancel_it = cancelled;
    for (long i = 0; i < THREADS; i++)
        threads[i] = start(once, (void *)i);
    for (long i = 0; i < THREADS; i++)
        ended_early += finish(threads[i]) == PTHREAD_CANCELED;
    CHECK_EQUAL(begun, cancelled + 1);
    CHECK_EQUAL(ended, 1);
    CHECK_EQUAL(ended_early, cancelled);
}

static void test_once_simply(void) {
    test_once(0);
}

/* If a thread is cancelled in it, another does it. */
static void test_once_cancelled(void) {
    test_once(3);
}

int main(void) {
    RUN(test_destructors);
    RUN(test_again);
    RUN(test_limit);
    RUN(test_once_simply);
    RUN(test_once_cancelled);
    return checks_end();
}
