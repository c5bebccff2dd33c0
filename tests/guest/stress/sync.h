/* SPDX-License-Identifier: MIT */
/*
 * The stress test's locks: accounts whose sum never changes under mutexes of every kind,
 * queues under condition variables that lose nothing, a semaphore, a read-write lock and a
 * spin lock that let in as many as they should.
 */
#ifndef ATMAN_TESTS_STRESS_SYNC_H
#define ATMAN_TESTS_STRESS_SYNC_H

#include "stress/stress.h"

#include <semaphore.h>

enum { ACCOUNTS = 12, QUEUES = 3, ROOM = 8, SEATS = 5, START = 1000 };

static struct account {
    pthread_mutex_t mutex;
    volatile int owner;
    long money;
} accounts[ACCOUNTS];

static struct queue {
    pthread_mutex_t mutex;
    pthread_cond_t not_empty, not_full;
    clockid_t clock;
    long items[ROOM];
    int count;
    long put, taken; /* sums */
} queues[QUEUES];

static sem_t seats;
static volatile int seated;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static volatile long left, right;
static pthread_spinlock_t spin;
static long spun;
static volatile int spun_too;

static void sync_start(void) {
    static const int types[] = {PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_RECURSIVE,
                                PTHREAD_MUTEX_ERRORCHECK};

    for (int i = 0; i < ACCOUNTS; i++) {
        pthread_mutexattr_t a;

        pthread_mutexattr_init(&a);
        pthread_mutexattr_settype(&a, types[i % 3]);
        pthread_mutexattr_setprotocol(&a, i / 3 & 1 ? PTHREAD_PRIO_INHERIT : 0);
        pthread_mutexattr_setrobust(&a, i / 6 & 1);
        CHECK_EQUAL(pthread_mutex_init(&accounts[i].mutex, &a), 0);
        accounts[i].money = START;
    }
    for (int i = 0; i < QUEUES; i++) {
        pthread_condattr_t a;

        pthread_mutex_init(&queues[i].mutex, NULL);
        pthread_condattr_init(&a);
        queues[i].clock = i == 1 ? CLOCK_MONOTONIC : CLOCK_REALTIME;
        pthread_condattr_setclock(&a, queues[i].clock);
        pthread_condattr_setpshared(&a, i == 2);
        pthread_cond_init(&queues[i].not_empty, &a);
        pthread_cond_init(&queues[i].not_full, &a);
    }
    sem_init(&seats, 0, SEATS);
    pthread_spin_init(&spin, 0);
}

static int lock_account(struct account *a) {
    struct timespec limit = from_now(CLOCK_REALTIME, 2);
    int error;

    switch (below(4)) {
    case 0:
        error = pthread_mutex_trylock(&a->mutex);
        CHECK(error == 0 || error == EBUSY || error == EDEADLK);
        break;
    case 1:
        error = pthread_mutex_timedlock(&a->mutex, &limit);
        CHECK(error == 0 || (error == ETIMEDOUT && is_past(CLOCK_REALTIME, &limit)));
        break;
    default:
        error = pthread_mutex_lock(&a->mutex);
        CHECK_EQUAL(error, 0);
    }
    if (error)
        return 0;
    CHECK_EQUAL(a->owner, 0);
    a->owner = self->tid;
    return 1;
}

static void unlock_account(struct account *a) {
    CHECK_EQUAL(a->owner, self->tid);
    a->owner = 0;
    CHECK_EQUAL(pthread_mutex_unlock(&a->mutex), 0);
}

static void move_money(void) {
    unsigned one = below(ACCOUNTS - 1), two = one + 1 + below(ACCOUNTS - 1 - one);
    long sum = below(100);

    if (!lock_account(&accounts[one]))
        return;
    if (lock_account(&accounts[two])) {
        accounts[one].money -= sum;
        if (below(10) == 0)
            sched_yield();
        accounts[two].money += sum;
        unlock_account(&accounts[two]);
    }
    unlock_account(&accounts[one]);
}

/* False if the wait timed out. */
static int queue_wait(struct queue *q, pthread_cond_t *condition) {
    struct timespec limit = from_now(q->clock, 3);
    int error = pthread_cond_timedwait(condition, &q->mutex, &limit);

    CHECK(error == 0 || (error == ETIMEDOUT && is_past(q->clock, &limit)));
    return error == 0;
}

static void use_queue(void) {
    struct queue *q = &queues[below(QUEUES)];
    int putting = below(2);
    pthread_cond_t *wanted = putting ? &q->not_full : &q->not_empty;
    pthread_cond_t *given = putting ? &q->not_empty : &q->not_full;
    int waiting = 1;

    pthread_mutex_lock(&q->mutex);
    while (q->count == (putting ? ROOM : 0) && waiting)
        waiting = queue_wait(q, wanted);
    if (q->count != (putting ? ROOM : 0)) {
        if (putting)
            q->put += q->items[q->count++] = below(1000);
        else
            q->taken += q->items[--q->count];
        if (below(4))
            pthread_cond_signal(given);
        else
            pthread_cond_broadcast(given);
    }
    pthread_mutex_unlock(&q->mutex);
}

static void take_seat(void) {
    struct timespec limit = from_now(CLOCK_REALTIME, 2);
    int result;

    while ((result = below(2) ? sem_wait(&seats) : sem_timedwait(&seats, &limit)) < 0 &&
           errno == EINTR)
        ;
    if (result < 0) {
        CHECK(errno == ETIMEDOUT && is_past(CLOCK_REALTIME, &limit));
        return;
    }
    CHECK(add(&seated, 1) < SEATS);
    if (below(3) == 0)
        sleep_us(below(300));
    add(&seated, -1);
    CHECK_EQUAL(sem_post(&seats), 0);
}

static void read_or_write(void) {
    if (below(4)) {
        CHECK_EQUAL(pthread_rwlock_rdlock(&rwlock), 0);
        long seen = left;
        if (below(10) == 0)
            sched_yield();
        CHECK_EQUAL(seen, right);
    } else {
        CHECK_EQUAL(pthread_rwlock_wrlock(&rwlock), 0);
        left++;
        if (below(10) == 0)
            sched_yield();
        right++;
    }
    CHECK_EQUAL(pthread_rwlock_unlock(&rwlock), 0);
}

static void spin_a_little(void) {
    CHECK_EQUAL(pthread_spin_lock(&spin), 0);
    spun++;
    CHECK_EQUAL(pthread_spin_unlock(&spin), 0);
    add(&spun_too, 1);
}

/* Nobody works any more. */
static void sync_end(void) {
    long money = 0;

    for (int i = 0; i < ACCOUNTS; i++)
        money += accounts[i].money;
    CHECK_EQUAL(money, (long)ACCOUNTS * START);
    for (int i = 0; i < QUEUES; i++) {
        long rest = 0;

        for (int j = 0; j < queues[i].count; j++)
            rest += queues[i].items[j];
        CHECK_EQUAL(queues[i].put - queues[i].taken, rest);
    }
    CHECK_EQUAL(left, right);
    CHECK(spun == spun_too && seated == 0);
}

#endif
