/* SPDX-License-Identifier: MIT */
/*
 * Deferred cancellation at each of the functions where it may happen: cancelled while it
 * waits, before it waits, at about the same time, and not at all while that is forbidden.
 */
// native: -pthread -Wno-deprecated-declarations
// flags: -Wno-deprecated-declarations
// stdout-from: checks
// debug: all
// vcpus: 1 2 4
#define _GNU_SOURCE
#include "random.h"
#include "thread/thread.h"

#include <semaphore.h>
#include <signal.h>
#include <threads.h>

static sem_t never;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER, steady;
static pthread_t endless;
static sigset_t blocked;
static const struct timespec hour = {3600, 0};

static void in_sem_wait(void) {
    sem_wait(&never);
}

static void in_sem_timedwait(void) {
    struct timespec limit = from_now(CLOCK_REALTIME, 3600000);

    sem_timedwait(&never, &limit);
}

static void in_nanosleep(void) {
    nanosleep(&hour, NULL);
}

static void in_clock_nanosleep(void) {
    struct timespec limit = from_now(CLOCK_MONOTONIC, 3600000);

    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &limit, NULL);
}

static void in_sleep(void) {
    sleep(3600);
}

static void in_usleep(void) {
    usleep(999999999);
}

static void unlock(void *lock) {
    CHECK_EQUAL(pthread_mutex_trylock(lock), EBUSY); /* held again */
    CHECK_EQUAL(pthread_mutex_unlock(lock), 0);
}

static void in_cond_wait(void) {
    pthread_mutex_lock(&mutex);
    pthread_cleanup_push(unlock, &mutex);
    for (;;)
        pthread_cond_wait(&condition, &mutex);
    pthread_cleanup_pop(0);
}

static void in_cond_timedwait(void) {
    struct timespec limit = from_now(CLOCK_REALTIME, 3600000);

    pthread_mutex_lock(&mutex);
    pthread_cleanup_push(unlock, &mutex);
    for (;;)
        pthread_cond_timedwait(&condition, &mutex, &limit);
    pthread_cleanup_pop(0);
}

static void in_pause(void) {
    pause();
}

static void in_sigsuspend(void) {
    sigsuspend(&blocked);
}

static void in_sigwait(void) {
    int number;

    sigwait(&blocked, &number);
}

static void in_sigwaitinfo(void) {
    siginfo_t info;

    sigwaitinfo(&blocked, &info);
}

static void in_sigtimedwait(void) {
    siginfo_t info;

    sigtimedwait(&blocked, &info, &hour);
}

static void in_join(void) {
    pthread_join(endless, NULL);
}

static void in_timedjoin(void) {
    struct timespec limit = from_now(CLOCK_REALTIME, 3600000);

    pthread_timedjoin_np(endless, NULL, &limit);
}

static void in_clock_nanosleep_relative(void) {
    clock_nanosleep(CLOCK_REALTIME, 0, &hour, NULL);
}

static void in_cond_steady(void) {
    struct timespec limit = from_now(CLOCK_MONOTONIC, 3600000);

    pthread_mutex_lock(&mutex);
    pthread_cleanup_push(unlock, &mutex);
    for (;;)
        pthread_cond_timedwait(&steady, &mutex, &limit);
    pthread_cleanup_pop(0);
}

static void in_thrd_sleep(void) {
    thrd_sleep(&hour, NULL);
}

static void in_sigpause(void) {
    sigpause(SIGUSR2);
}

static void in_testcancel(void) {
    for (;;)
        pthread_testcancel();
}

static void (*const points[])(void) = {
    in_sem_wait,
    in_sem_timedwait,
    in_nanosleep,
    in_clock_nanosleep,
    in_sleep,
    in_usleep,
    in_cond_wait,
    in_pause,
    in_cond_timedwait,
    in_sigsuspend,
    in_sigwait,
    in_sigwaitinfo,
    in_join,
    in_sigtimedwait,
    in_testcancel,
    in_timedjoin,
    in_clock_nanosleep_relative,
    in_cond_steady,
    in_thrd_sleep,
    in_sigpause,
};

enum when { WAITING, BEFORE, ABOUT };

struct victim {
    pthread_t thread;
    size_t point;
    enum when when;
    volatile int ready, cancelled, cleaned;
};

static void clean(void *argument) {
    struct victim *v = argument;

    add(&v->cleaned, 1);
}

static void *be_cancelled(void *argument) {
    struct victim *v = argument;
    int old = -1;

    pthread_cleanup_push(clean, v);
    if (v->when == BEFORE) {
        CHECK_EQUAL(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old), 0);
        CHECK_EQUAL(old, PTHREAD_CANCEL_ENABLE);
        store(&v->ready, 1);
        CHECK(await(&v->cancelled, 1));
        pthread_testcancel();
        CHECK_EQUAL(pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &old), 0);
        CHECK_EQUAL(old, PTHREAD_CANCEL_DISABLE);
        store(&v->ready, 2); /* no cancellation point so far */
    } else {
        store(&v->ready, 1);
    }
    points[v->point]();
    if (!CHECK(!"left the cancellation point"))
        printf("    number %zu\n", v->point);
    pthread_cleanup_pop(0);
    return NULL;
}

static void victim_start(struct victim *v, size_t point, enum when when) {
    *v = (struct victim){.point = point, .when = when};
    v->thread = start(be_cancelled, v);
}

static void victim_end(struct victim *v) {
    CHECK_EQUAL(pthread_cancel(v->thread), 0);
    store(&v->cancelled, 1);
    if (!CHECK(finish(v->thread) == PTHREAD_CANCELED) || !CHECK_EQUAL(v->cleaned, 1))
        printf("    number %zu\n", v->point);
}

static void test_waiting(void) {
    struct victim victims[LENGTH(points)];

    for (size_t i = 0; i < LENGTH(points); i++)
        victim_start(&victims[i], i, WAITING);
    for (size_t i = 0; i < LENGTH(points); i++)
        CHECK(await(&victims[i].ready, 1));
    sleep_ms(10);
    for (size_t i = 0; i < LENGTH(points); i++)
        CHECK_EQUAL(pthread_tryjoin_np(victims[i].thread, NULL), EBUSY);
    for (size_t i = 0; i < LENGTH(points); i++)
        victim_end(&victims[i]);
}

static void test_before(void) {
    for (size_t i = 0; i < LENGTH(points); i++) {
        struct victim v;

        victim_start(&v, i, BEFORE);
        CHECK(await(&v.ready, 1));
        victim_end(&v);
        CHECK_EQUAL(v.ready, 2);
    }
}

/* The request comes when the thread is just going to wait. */
static void test_about(void) {
    for (int round = 0; round < 150; round++) {
        struct victim v;

        victim_start(&v, random_below(LENGTH(points)), ABOUT);
        while (!load(&v.ready))
            sched_yield();
        for (uint64_t i = random_below(4000); i > 0; i--)
            __asm__ volatile("");
        victim_end(&v);
    }
}

static volatile int through;

static void *wait_forbidden(void *argument) {
    int old;

    CHECK_EQUAL(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old), 0);
    store(&through, 1);
    CHECK_EQUAL(sem_wait(&never), 0);
    sleep_ms(2);
    pthread_testcancel();
    store(&through, 2);
    CHECK_EQUAL(pthread_setcancelstate(old, &old), 0);
    CHECK_EQUAL(old, PTHREAD_CANCEL_DISABLE);
    store(&through, 3);
    pthread_testcancel();
    store(&through, 4);
    return argument;
}

static void test_forbidden(void) {
    pthread_t thread = start(wait_forbidden, NULL);

    CHECK(await(&through, 1));
    sleep_ms(3);
    CHECK_EQUAL(pthread_cancel(thread), 0);
    CHECK_EQUAL(pthread_cancel(thread), 0);
    sleep_ms(3);
    CHECK_EQUAL(load(&through), 1);
    sem_post(&never);
    CHECK(finish(thread) == PTHREAD_CANCELED);
    CHECK_EQUAL(through, 3);
}

static void *lock_and_end(void *argument) {
    store(&through, 1);
    pthread_mutex_lock(&mutex);
    pthread_mutex_unlock(&mutex);
    store(&through, 2);
    return argument;
}

/* A mutex is no such point. */
static void test_no_point(void) {
    store(&through, 0);
    pthread_mutex_lock(&mutex);
    pthread_t thread = start(lock_and_end, (void *)5);
    CHECK(await(&through, 1));
    sleep_ms(5);
    CHECK_EQUAL(pthread_cancel(thread), 0);
    sleep_ms(5);
    CHECK_EQUAL(load(&through), 1);
    pthread_mutex_unlock(&mutex);
    CHECK_EQUAL(finish(thread), 5);
    CHECK_EQUAL(through, 2);
}

static void *pause_for_ever(void *argument) {
    in_pause();
    return argument;
}

static void *nothing(void *argument) {
    return argument;
}

static void test_wrong(void) {
    int old;

    CHECK_EQUAL(pthread_setcancelstate(77, &old), EINVAL);
    CHECK_EQUAL(pthread_setcanceltype(77, &old), EINVAL);
    pthread_t thread = start(nothing, (void *)3);
    sleep_ms(5);
    CHECK_EQUAL(pthread_cancel(thread), 0); /* it has ended and can still be joined */
    CHECK_EQUAL(finish(thread), 3);
}

static void make_steady(void) {
    pthread_condattr_t a;

    pthread_condattr_init(&a);
    CHECK_EQUAL(pthread_condattr_setclock(&a, CLOCK_MONOTONIC), 0);
    CHECK_EQUAL(pthread_cond_init(&steady, &a), 0);
}

int main(void) {
    random_start();
    sem_init(&never, 0, 0);
    make_steady();
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &blocked, NULL);
    endless = start(pause_for_ever, NULL);
    RUN(test_waiting);
    RUN(test_before);
    RUN(test_about);
    RUN(test_forbidden);
    RUN(test_no_point);
    RUN(test_wrong);
    return checks_end();
}
