/* SPDX-License-Identifier: MIT */
/*
 * The stress test's short-lived threads: joined, detached, cancelled while they wait or
 * compute, or dying with a robust mutex; and threads that change vCPU and priority.
 */
#ifndef ATMAN_TESTS_STRESS_LIFE_H
#define ATMAN_TESTS_STRESS_LIFE_H

#include "stress/stress.h"

#include <semaphore.h>

static volatile int detached, detached_ended;
static sem_t never;
static pthread_mutex_t waiting_room = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t never_signalled = PTHREAD_COND_INITIALIZER;

static struct heirloom {
    pthread_mutex_t mutex;
    volatile long one, two; /* the same, unless who held it died */
    volatile int left;      /* so many died, and so many heirs were told */
    volatile int inherited;
} heirlooms[2];

static void life_start(void) {
    sem_init(&never, 0, 0);
    for (size_t i = 0; i < LENGTH(heirlooms); i++) {
        pthread_mutexattr_t a;

        pthread_mutexattr_init(&a);
        pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST);
        /* not with priority inheritance: musl lets go of such a mutex by itself when its
         * owner ends, while the kernel gives it to one who waits: two may get it */
        pthread_mutexattr_setpshared(&a, i == 1);
        pthread_mutex_init(&heirlooms[i].mutex, &a);
    }
}

/* Without signals: one that dies in a handler would take a check with it. False: there is
 * no memory for it. */
static int start_child(pthread_t *thread, void *(*run)(void *), void *argument) {
    sigset_t all, before;
    int error;

    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    error = pthread_create(thread, NULL, run, argument);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    CHECK(error == 0 || error == EAGAIN);
    return error == 0;
}

static void *add_up(void *argument) {
    volatile char used[6000];

    for (size_t i = 0; i < sizeof used; i += 100)
        used[i] = (char)(long)argument;
    for (size_t i = 0; i < sizeof used; i += 100)
        if (used[i] != (char)(long)argument)
            return NULL;
    return (char *)argument + 7;
}

static void join_child(void) {
    char *argument = (char *)(long)below(100000);
    pthread_t thread;

    if (start_child(&thread, add_up, argument))
        CHECK(finish(thread) == argument + 7);
}

static void *end_detached(void *argument) {
    add(&detached_ended, 1);
    return argument;
}

static void detach_child(void) {
    pthread_t thread;

    add(&detached, 1);
    if (start_child(&thread, end_detached, NULL))
        CHECK_EQUAL(pthread_detach(thread), 0);
    else
        add(&detached, -1);
}

enum { WAY_SEMAPHORE, WAY_CONDITION, WAY_SLEEP, WAY_TESTCANCEL, WAY_COMPUTE, WAYS };

struct victim {
    int way;
    volatile int cleaned;
};

static void clean(void *argument) {
    struct victim *v = argument;

    add(&v->cleaned, 1);
    if (v->way == WAY_CONDITION)
        CHECK_EQUAL(pthread_mutex_unlock(&waiting_room), 0);
}

static void *be_cancelled(void *argument) {
    struct victim *v = argument;
    struct timespec hour = {3600, 0};
    int old;

    if (v->way == WAY_CONDITION)
        pthread_mutex_lock(&waiting_room);
    pthread_cleanup_push(clean, v);
    if (v->way == WAY_COMPUTE)
        pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &old);
    for (volatile unsigned long n = 0;; n++)
        switch (v->way) {
        case WAY_SEMAPHORE:
            sem_wait(&never);
            break;
        case WAY_CONDITION:
            pthread_cond_wait(&never_signalled, &waiting_room);
            break;
        case WAY_SLEEP:
            nanosleep(&hour, NULL);
            break;
        case WAY_TESTCANCEL:
            pthread_testcancel();
        }
    pthread_cleanup_pop(0);
    return NULL;
}

static void cancel_child(void) {
    struct victim v = {.way = (int)below(WAYS)};
    pthread_t thread;

    /* an asynchronous request before it is ready for it is a deferred one, without a point
     */
    if (!start_child(&thread, be_cancelled, &v))
        return;
    if (below(2))
        sleep_us(below(500));
    CHECK_EQUAL(pthread_cancel(thread), 0);
    CHECK(finish(thread) == PTHREAD_CANCELED);
    CHECK_EQUAL(v.cleaned, 1);
}

static int lock_heirloom(struct heirloom *h) {
    int error = pthread_mutex_lock(&h->mutex);

    if (error == EOWNERDEAD) {
        h->two = h->one;
        add(&h->inherited, 1);
        CHECK_EQUAL(pthread_mutex_consistent(&h->mutex), 0);
        error = 0;
    }
    CHECK_EQUAL(error, 0);
    if (error == 0)
        CHECK_EQUAL(h->one, h->two);
    return error == 0;
}

static void *die_with_it(void *argument) {
    struct heirloom *h = argument;

    if (lock_heirloom(h)) {
        h->one++;
        add(&h->left, 1);
    }
    return NULL;
}

static void inherit(void) {
    struct heirloom *h = &heirlooms[below(LENGTH(heirlooms))];
    pthread_t thread;

    if (below(3) == 0 && start_child(&thread, die_with_it, h))
        finish(thread);
    if (!lock_heirloom(h))
        return;
    h->one++;
    if (below(5) == 0)
        sched_yield();
    h->two++;
    CHECK_EQUAL(pthread_mutex_unlock(&h->mutex), 0);
}

static void change_processor(void) {
    unsigned count = (unsigned)sysconf(_SC_NPROCESSORS_ONLN), chosen = below(count);
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET(chosen, &set);
    CHECK_EQUAL(sched_setaffinity(0, sizeof set, &set), 0);
    CHECK_EQUAL(sched_getcpu(), chosen);
    if (below(2))
        sleep_us(100);
    CHECK_EQUAL(sched_getcpu(), chosen);
    for (unsigned i = 0; i < count; i++)
        CPU_SET(i, &set);
    CHECK_EQUAL(sched_setaffinity(0, sizeof set, &set), 0);
}

static void change_priority(void) {
    struct sched_param parameters = {.sched_priority = 1 + (int)below(5)};
    int policy = below(2) ? SCHED_FIFO : SCHED_RR;

    /* natively it may be forbidden */
    if (pthread_setschedparam(pthread_self(), policy, &parameters))
        return;
    sleep_us(below(200));
    parameters.sched_priority = 0;
    CHECK_EQUAL(pthread_setschedparam(pthread_self(), SCHED_OTHER, &parameters), 0);
}

static void life_end(void) {
    CHECK(await(&detached_ended, detached));
    for (size_t i = 0; i < LENGTH(heirlooms); i++)
        CHECK_EQUAL(pthread_mutex_trylock(&heirlooms[i].mutex) == EOWNERDEAD,
                    heirlooms[i].left - heirlooms[i].inherited);
}

#endif
