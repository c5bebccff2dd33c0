/* SPDX-License-Identifier: MIT */
/*
 * Robust mutexes whose owner ends: by returning, exiting, being cancelled, detached; the
 * next owner is told, and what it does decides whether the mutex can be used on.
 */
// native: -pthread
// stdout-from: checks
// debug: all
// vcpus: 1 2 4
#define _GNU_SOURCE
#include "thread/thread.h"

enum { WAITERS = 5, LOCKS = 10 };

static pthread_mutex_t mutex, others[LOCKS];
static int type, protocol, shared;

static void make(pthread_mutex_t *m) {
    pthread_mutexattr_t a;

    pthread_mutexattr_init(&a);
    CHECK_EQUAL(pthread_mutexattr_settype(&a, type), 0);
    CHECK_EQUAL(pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST), 0);
    CHECK_EQUAL(pthread_mutexattr_setprotocol(&a, protocol), 0);
    CHECK_EQUAL(pthread_mutexattr_setpshared(&a, shared), 0);
    CHECK_EQUAL(pthread_mutex_init(m, &a), 0);
}

static volatile int locked, may_end;

enum how { RETURN, EXIT, CANCEL, RECURSIVE };

static void *lock_and_end(void *argument) {
    long how = (long)argument;

    CHECK_EQUAL(pthread_mutex_lock(&mutex), 0);
    if (how == RECURSIVE && type == PTHREAD_MUTEX_RECURSIVE)
        for (int i = 0; i < 3; i++)
            CHECK_EQUAL(pthread_mutex_lock(&mutex), 0);
    store(&locked, 1);
    CHECK(await(&may_end, 1));
    if (how == EXIT)
        pthread_exit(NULL);
    if (how == CANCEL) {
        pthread_cancel(pthread_self());
        pthread_testcancel();
    }
    return NULL;
}

static pthread_t start_owner(enum how how) {
    store(&locked, 0);
    store(&may_end, 0);
    pthread_t thread = start(lock_and_end, (void *)(long)how);
    CHECK(await(&locked, 1));
    return thread;
}

static void end_owner(pthread_t thread) {
    store(&may_end, 1);
    finish(thread);
}

static void check_recovered(void) {
    CHECK_EQUAL(pthread_mutex_consistent(&mutex), 0);
    CHECK_EQUAL(pthread_mutex_consistent(&mutex), EINVAL);
    CHECK_EQUAL(pthread_mutex_unlock(&mutex), 0);
    CHECK_EQUAL(pthread_mutex_lock(&mutex), 0);
    CHECK_EQUAL(pthread_mutex_unlock(&mutex), 0);
}

static void check_nobody_waits(enum how how) {
    make(&mutex);
    end_owner(start_owner(how));
    CHECK_EQUAL(pthread_mutex_lock(&mutex), EOWNERDEAD);
    check_recovered();
    end_owner(start_owner(how));
    CHECK_EQUAL(pthread_mutex_trylock(&mutex), EOWNERDEAD);
    check_recovered();
    CHECK_EQUAL(pthread_mutex_destroy(&mutex), 0);
}

static volatile int told, plain, lost;

static void *wait_for_it(void *recover) {
    struct timespec limit = from_now(CLOCK_REALTIME, 30000);
    int error = pthread_mutex_timedlock(&mutex, &limit);

    if (error == ENOTRECOVERABLE) {
        add(&lost, 1);
        return NULL;
    }
    if (error == EOWNERDEAD) {
        add(&told, 1);
        if (recover)
            CHECK_EQUAL(pthread_mutex_consistent(&mutex), 0);
    } else if (CHECK_EQUAL(error, 0)) {
        add(&plain, 1);
    }
    CHECK_EQUAL(pthread_mutex_unlock(&mutex), 0);
    return NULL;
}

/* One of those who wait is told, the others get it after that one. */
static void check_some_wait(enum how how) {
    pthread_t waiters[WAITERS];

    told = plain = lost = 0;
    make(&mutex);
    pthread_t owner = start_owner(how);
    for (int i = 0; i < WAITERS; i++)
        waiters[i] = start(wait_for_it, &mutex);
    sleep_ms(5);
    end_owner(owner);
    for (int i = 0; i < WAITERS; i++)
        finish(waiters[i]);
    CHECK(told == 1 && plain == WAITERS - 1 && lost == 0);
    CHECK_EQUAL(pthread_mutex_destroy(&mutex), 0);
}

/* One who is told and unlocks without more makes it useless for all. (Of others who wait at
 * that moment both C libraries forget some, so there are none here.) */
static void check_not_recovered(void) {
    told = plain = lost = 0;
    make(&mutex);
    pthread_t owner = start_owner(RETURN), waiter = start(wait_for_it, NULL);
    sleep_ms(5);
    end_owner(owner);
    finish(waiter);
    finish(start(wait_for_it, NULL));
    CHECK(told == 1 && plain == 0 && lost == 1);
    CHECK_EQUAL(pthread_mutex_lock(&mutex), ENOTRECOVERABLE);
    CHECK_EQUAL(pthread_mutex_trylock(&mutex), ENOTRECOVERABLE);
    CHECK_EQUAL(pthread_mutex_destroy(&mutex), 0);
}

static void test_every_kind(void) {
    static const int types[] = {PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_RECURSIVE,
                                PTHREAD_MUTEX_ERRORCHECK};

    for (int i = 0; i < 3 * 4; i++) {
        unsigned before = checks_failed;

        type = types[i % 3];
        protocol = i / 3 & 1 ? PTHREAD_PRIO_INHERIT : PTHREAD_PRIO_NONE;
        shared = i / 6 & 1;
        for (int how = RETURN; how <= RECURSIVE; how++) {
            check_nobody_waits(how);
            /* musl lets go of a PI mutex by itself when its owner ends, while the kernel
             * gives it to one who waits: two may get it */
            if (protocol == PTHREAD_PRIO_NONE)
                check_some_wait(how);
        }
        if (protocol == PTHREAD_PRIO_NONE)
            check_not_recovered();
        if (checks_failed != before)
            printf("    type %d, protocol %d, shared %d\n", type, protocol, shared);
    }
    type = protocol = shared = 0;
}

static void *lock_many(void *argument) {
    for (int i = 0; i < LOCKS; i++)
        CHECK_EQUAL(pthread_mutex_lock(&others[i]), 0);
    CHECK_EQUAL(pthread_mutex_unlock(&others[3]), 0);
    return argument;
}

static void test_several_at_once(void) {
    for (int i = 0; i < LOCKS; i++) {
        protocol = i & 1 ? PTHREAD_PRIO_INHERIT : PTHREAD_PRIO_NONE;
        shared = i & 2 ? 1 : 0;
        make(&others[i]);
    }
    protocol = shared = 0;
    finish(start(lock_many, NULL));
    for (int i = 0; i < LOCKS; i++)
        CHECK_EQUAL(pthread_mutex_trylock(&others[i]), i == 3 ? 0 : EOWNERDEAD);
    for (int i = 0; i < LOCKS; i++) {
        CHECK_EQUAL(pthread_mutex_consistent(&others[i]), i == 3 ? EINVAL : 0);
        CHECK_EQUAL(pthread_mutex_unlock(&others[i]), 0);
    }
}

static void test_detached(void) {
    make(&mutex);
    pthread_detach(start_owner(RETURN));
    store(&may_end, 1);
    CHECK_EQUAL(pthread_mutex_lock(&mutex), EOWNERDEAD);
    CHECK_EQUAL(pthread_mutex_consistent(&mutex), 0);
    CHECK_EQUAL(pthread_mutex_unlock(&mutex), 0);
}

static void *consistent_from_outside(void *argument) {
    CHECK(pthread_mutex_consistent(&mutex) != 0 || argument);
    return argument;
}

static void test_wrong(void) {
    pthread_mutex_t ordinary = PTHREAD_MUTEX_INITIALIZER;

    CHECK_EQUAL(pthread_mutex_consistent(&ordinary), EINVAL);
    make(&mutex);
    CHECK_EQUAL(pthread_mutex_consistent(&mutex), EINVAL);
    CHECK_EQUAL(pthread_mutex_lock(&mutex), 0);
    CHECK_EQUAL(pthread_mutex_consistent(&mutex), EINVAL);
    finish(start(consistent_from_outside, NULL));
    CHECK_EQUAL(pthread_mutex_unlock(&mutex), 0);
    CHECK_EQUAL(pthread_mutex_unlock(&mutex), EPERM);
}

/* A condition variable's waiter that gets the mutex of a dead thread is told as well. */
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static volatile int waiting;

static void *wait_on_condition(void *argument) {
    CHECK_EQUAL(pthread_mutex_lock(&mutex), 0);
    store(&waiting, 1);
    CHECK_EQUAL(pthread_cond_wait(&condition, &mutex), EOWNERDEAD);
    CHECK_EQUAL(pthread_mutex_consistent(&mutex), 0);
    CHECK_EQUAL(pthread_mutex_unlock(&mutex), 0);
    return argument;
}

static void *signal_and_end(void *argument) {
    CHECK_EQUAL(pthread_mutex_lock(&mutex), 0);
    CHECK_EQUAL(pthread_cond_signal(&condition), 0);
    sleep_ms(5);
    return argument;
}

static void test_condition(void) {
    make(&mutex);
    pthread_t thread = start(wait_on_condition, NULL);
    CHECK(await(&waiting, 1));
    finish(start(signal_and_end, NULL));
    finish(thread);
}

int main(void) {
    RUN(test_every_kind);
    RUN(test_several_at_once);
    RUN(test_detached);
    RUN(test_wrong);
    RUN(test_condition);
    return checks_end();
}
