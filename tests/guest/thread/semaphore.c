/* SPDX-License-Identifier: MIT */
/*
 * Semaphores: counts, time limits, signal handlers that post and interrupt, and that every
 * post is one thread's.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include "thread/thread.h"

#include <limits.h>
#include <semaphore.h>
#include <signal.h>

enum { THREADS = 8, ROUNDS = 300 };

static sem_t semaphore, other;
static volatile int taken;

static int value_of(sem_t *s) {
    int value = -1;

    CHECK_EQUAL(sem_getvalue(s, &value), 0);
    return value;
}

static void test_counting(void) {
    for (int shared = 0; shared < 2; shared++) {
        CHECK_EQUAL(sem_init(&semaphore, shared, 3), 0);
        CHECK(sem_wait(&semaphore) == 0 && sem_trywait(&semaphore) == 0);
        CHECK_EQUAL(value_of(&semaphore), 1);
        CHECK_EQUAL(sem_wait(&semaphore), 0);
        CHECK_FAILS(sem_trywait(&semaphore), EAGAIN);
        CHECK_EQUAL(sem_post(&semaphore), 0);
        CHECK_EQUAL(value_of(&semaphore), 1);
        CHECK_EQUAL(sem_destroy(&semaphore), 0);
    }
    CHECK_FAILS(sem_init(&semaphore, 0, SEM_VALUE_MAX + 1u), EINVAL);
    CHECK_EQUAL(sem_init(&semaphore, 0, SEM_VALUE_MAX), 0);
    CHECK_FAILS(sem_post(&semaphore), EOVERFLOW);
    CHECK_EQUAL(value_of(&semaphore), SEM_VALUE_MAX);
}

static void test_time_limits(void) {
    struct timespec limit = from_now(CLOCK_REALTIME, 15);

    CHECK_EQUAL(sem_init(&semaphore, 0, 0), 0);
    CHECK_FAILS(sem_timedwait(&semaphore, &limit), ETIMEDOUT);
    CHECK(is_past(CLOCK_REALTIME, &limit));
    limit = (struct timespec){0};
    CHECK_FAILS(sem_timedwait(&semaphore, &limit), ETIMEDOUT);
    limit.tv_nsec = SECOND;
    CHECK_FAILS(sem_timedwait(&semaphore, &limit), EINVAL);
    limit.tv_nsec = -1;
    CHECK_FAILS(sem_timedwait(&semaphore, &limit), EINVAL);
    CHECK_EQUAL(sem_post(&semaphore), 0);
    CHECK_EQUAL(value_of(&semaphore), 1);
}

static void *take(void *argument) {
    for (int i = 0; i < ROUNDS; i++) {
        if (i % 5 == 0) {
            struct timespec limit = from_now(CLOCK_REALTIME, 30000);
            CHECK_EQUAL(sem_timedwait(&semaphore, &limit), 0);
        } else {
            CHECK_EQUAL(sem_wait(&semaphore), 0);
        }
        add(&taken, 1);
    }
    return argument;
}

static void *give(void *argument) {
    for (int i = 0; i < ROUNDS; i++) {
        CHECK_EQUAL(sem_post(&semaphore), 0);
        if (i % 30 == 0)
            sched_yield();
    }
    return argument;
}

static void test_every_post_counts(void) {
    pthread_t threads[THREADS];

    for (int shared = 0; shared < 2; shared++) {
        store(&taken, 0);
        sem_init(&semaphore, shared, 0);
        for (int i = 0; i < THREADS; i++)
            threads[i] = start(i % 2 ? give : take, NULL);
        for (int i = 0; i < THREADS; i++)
            finish(threads[i]);
        CHECK_EQUAL(taken, THREADS / 2 * ROUNDS);
        CHECK_EQUAL(value_of(&semaphore), 0);
    }
}

static void *pass_on(void *argument) {
    for (int i = 0; i < ROUNDS; i++) {
        sem_wait(&semaphore);
        sem_post(&other);
    }
    return argument;
}

static void test_ping_pong(void) {
    sem_init(&semaphore, 0, 0);
    sem_init(&other, 0, 0);
    pthread_t thread = start(pass_on, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        CHECK_EQUAL(sem_post(&semaphore), 0);
        CHECK_EQUAL(sem_wait(&other), 0);
    }
    finish(thread);
}

static void post_other(int number) {
    (void)number;
    sem_post(&other);
}

static volatile int error, ready;

static void *wait_interrupted(void *argument) {
    struct timespec limit = from_now(CLOCK_REALTIME, 3600000);

    store(&ready, 1);
    error =
        (argument ? sem_timedwait(&semaphore, &limit) : sem_wait(&semaphore)) ? errno : 0;
    return NULL;
}

/* A handler may post; without SA_RESTART it ends the wait. */
static void test_interrupted(void) {
    struct sigaction action = {.sa_handler = post_other};

    sigaction(SIGUSR1, &action, NULL);
    sem_init(&semaphore, 0, 0);
    sem_init(&other, 0, 0);
    for (long timed = 0; timed < 2; timed++) {
        store(&ready, 0);
        pthread_t thread = start(wait_interrupted, (void *)timed);
        CHECK(await(&ready, 1));
        sleep_ms(30); /* most likely waiting by now; if not, the next signal finds it so */
        do {
            CHECK_EQUAL(pthread_kill(thread, SIGUSR1), 0);
            CHECK_EQUAL(sem_wait(&other), 0);
            sleep_ms(2);
        } while (pthread_tryjoin_np(thread, NULL) == EBUSY);
        CHECK_EQUAL(error, EINTR);
        CHECK_EQUAL(value_of(&semaphore), 0);
    }
}

int main(void) {
    RUN(test_counting);
    RUN(test_time_limits);
    RUN(test_every_post_counts);
    RUN(test_ping_pong);
    RUN(test_interrupted);
    return checks_end();
}
