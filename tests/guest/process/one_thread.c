/* SPDX-License-Identifier: MIT */
/*
 * What a program with one thread uses of the thread functions: locks that nobody else
 * holds, conditions that time out, once, keys, cancellation points.
 */
// native: -pthread
// stdout-from: checks
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

static struct timespec from_now(clockid_t clock, long ms) {
    struct timespec t;

    clock_gettime(clock, &t);
    t.tv_nsec += ms * 1000000;
    t.tv_sec += t.tv_nsec / 1000000000;
    t.tv_nsec %= 1000000000;
    return t;
}

static int is_past(clockid_t clock, const struct timespec *limit) {
    struct timespec now;

    clock_gettime(clock, &now);
    return now.tv_sec > limit->tv_sec ||
           (now.tv_sec == limit->tv_sec && now.tv_nsec >= limit->tv_nsec);
}

static void test_mutex(void) {
    static pthread_mutex_t plain = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_t other;
    pthread_mutexattr_t attributes;
    struct timespec limit;

    CHECK_EQUAL(pthread_mutex_lock(&plain), 0);
    CHECK_EQUAL(pthread_mutex_trylock(&plain), EBUSY);
    limit = from_now(CLOCK_REALTIME, 30);
    CHECK_EQUAL(pthread_mutex_timedlock(&plain, &limit), ETIMEDOUT);
    CHECK(is_past(CLOCK_REALTIME, &limit));
    CHECK_EQUAL(pthread_mutex_unlock(&plain), 0);
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
    CHECK_EQUAL(pthread_mutex_init(&other, &attributes), 0);
    for (int i = 0; i < 3; i++)
        CHECK_EQUAL(pthread_mutex_lock(&other), 0);
    for (int i = 0; i < 3; i++)
        CHECK_EQUAL(pthread_mutex_unlock(&other), 0);
    CHECK_EQUAL(pthread_mutex_unlock(&other), EPERM);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
    CHECK_EQUAL(pthread_mutex_init(&other, &attributes), 0);
    CHECK_EQUAL(pthread_mutex_lock(&other), 0);
    CHECK_EQUAL(pthread_mutex_lock(&other), EDEADLK);
    CHECK_EQUAL(pthread_mutex_unlock(&other), 0);
}

static void test_waiting(void) {
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
    pthread_cond_t steady;
    pthread_condattr_t attributes;
    struct timespec limit = from_now(CLOCK_REALTIME, 50);
    sem_t semaphore;

    pthread_mutex_lock(&lock);
    CHECK_EQUAL(pthread_cond_timedwait(&condition, &lock, &limit), ETIMEDOUT);
    CHECK(is_past(CLOCK_REALTIME, &limit));
    CHECK_EQUAL(pthread_cond_signal(&condition), 0);
    CHECK_EQUAL(pthread_cond_broadcast(&condition), 0);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&steady, &attributes);
    limit = from_now(CLOCK_MONOTONIC, 50);
    CHECK_EQUAL(pthread_cond_timedwait(&steady, &lock, &limit), ETIMEDOUT);
    CHECK(is_past(CLOCK_MONOTONIC, &limit));
    pthread_mutex_unlock(&lock);
    CHECK_EQUAL(sem_init(&semaphore, 0, 1), 0);
    CHECK_EQUAL(sem_wait(&semaphore), 0);
    CHECK_FAILS(sem_trywait(&semaphore), EAGAIN);
    limit = from_now(CLOCK_REALTIME, 30);
    CHECK_FAILS(sem_timedwait(&semaphore, &limit), ETIMEDOUT);
    CHECK_EQUAL(sem_post(&semaphore), 0);
    CHECK_EQUAL(sem_wait(&semaphore), 0);
}

static int times_run;

static void run_once(void) {
    times_run++;
}

static void test_rest(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_key_t key;
    pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
    cpu_set_t processors;

    CHECK(pthread_once(&once, run_once) == 0 && pthread_once(&once, run_once) == 0);
    CHECK_EQUAL(times_run, 1);
    CHECK_EQUAL(pthread_key_create(&key, NULL), 0);
    CHECK(!pthread_getspecific(key) && pthread_setspecific(key, &key) == 0);
    CHECK(pthread_getspecific(key) == &key);
    CHECK(pthread_equal(pthread_self(), pthread_self()));
    CHECK(pthread_rwlock_rdlock(&lock) == 0 && pthread_rwlock_tryrdlock(&lock) == 0);
    CHECK_EQUAL(pthread_rwlock_trywrlock(&lock), EBUSY);
    CHECK(pthread_rwlock_unlock(&lock) == 0 && pthread_rwlock_unlock(&lock) == 0);
    CHECK_EQUAL(pthread_rwlock_wrlock(&lock), 0);
    CHECK_EQUAL(sched_yield(), 0);
    CHECK_EQUAL(sched_getaffinity(0, sizeof processors, &processors), 0);
    CHECK(CPU_COUNT(&processors) >= 1);
    pthread_testcancel();
}

int main(void) {
    test_mutex();
    test_waiting();
    test_rest();
    return checks_end();
}
