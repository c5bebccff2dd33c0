/* SPDX-License-Identifier: MIT */
/*
 * Process-shared objects in shared memory, in a program of one process: each kind works, at
 * any place in its page, and the memory can be given back.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include "thread/thread.h"

#include <semaphore.h>
#include <sys/mman.h>

enum { THREADS = 6, ROUNDS = 100 };

struct shared {
    pthread_mutex_t mutex, robust;
    pthread_cond_t condition;
    pthread_rwlock_t rwlock;
    pthread_barrier_t barrier;
    pthread_spinlock_t spin;
    sem_t semaphore;
    long counts[4];
    int turn;
};

static void make(struct shared *s) {
    pthread_mutexattr_t mutex;
    pthread_condattr_t condition;
    pthread_rwlockattr_t rwlock;
    pthread_barrierattr_t barrier;

    pthread_mutexattr_init(&mutex);
    CHECK_EQUAL(pthread_mutexattr_setpshared(&mutex, PTHREAD_PROCESS_SHARED), 0);
    CHECK_EQUAL(pthread_mutex_init(&s->mutex, &mutex), 0);
    CHECK_EQUAL(pthread_mutexattr_setrobust(&mutex, PTHREAD_MUTEX_ROBUST), 0);
    CHECK_EQUAL(pthread_mutex_init(&s->robust, &mutex), 0);
    pthread_condattr_init(&condition);
    CHECK_EQUAL(pthread_condattr_setpshared(&condition, PTHREAD_PROCESS_SHARED), 0);
    CHECK_EQUAL(pthread_cond_init(&s->condition, &condition), 0);
    pthread_rwlockattr_init(&rwlock);
    CHECK_EQUAL(pthread_rwlockattr_setpshared(&rwlock, PTHREAD_PROCESS_SHARED), 0);
    CHECK_EQUAL(pthread_rwlock_init(&s->rwlock, &rwlock), 0);
    pthread_barrierattr_init(&barrier);
    CHECK_EQUAL(pthread_barrierattr_setpshared(&barrier, PTHREAD_PROCESS_SHARED), 0);
    CHECK_EQUAL(pthread_barrier_init(&s->barrier, &barrier, THREADS), 0);
    CHECK_EQUAL(pthread_spin_init(&s->spin, PTHREAD_PROCESS_SHARED), 0);
    CHECK_EQUAL(sem_init(&s->semaphore, 1, 1), 0);
}

static void *use(void *argument) {
    struct shared *s = argument;

    for (int i = 0; i < ROUNDS; i++) {
        pthread_mutex_lock(&s->mutex);
        s->counts[0]++;
        pthread_mutex_unlock(&s->mutex);
        sem_wait(&s->semaphore);
        s->counts[1]++;
        sem_post(&s->semaphore);
        pthread_spin_lock(&s->spin);
        s->counts[2]++;
        pthread_spin_unlock(&s->spin);
        pthread_rwlock_wrlock(&s->rwlock);
        s->counts[3]++;
        pthread_rwlock_unlock(&s->rwlock);
        if (i % 10 == 0)
            pthread_barrier_wait(&s->barrier);
    }
    return NULL;
}

static void *take_turns(void *argument) {
    struct shared *s = argument;

    pthread_mutex_lock(&s->mutex);
    int mine = s->turn++;
    pthread_cond_broadcast(&s->condition);
    while (s->turn != THREADS + mine)
        pthread_cond_wait(&s->condition, &s->mutex);
    s->turn++;
    pthread_cond_broadcast(&s->condition);
    pthread_mutex_unlock(&s->mutex);
    return NULL;
}

static void *lock_and_end(void *argument) {
    CHECK_EQUAL(pthread_mutex_lock(&((struct shared *)argument)->robust), 0);
    return NULL;
}

static void run(struct shared *s, void *(*function)(void *)) {
    pthread_t threads[THREADS];

    for (int i = 0; i < THREADS; i++)
        threads[i] = start(function, s);
    for (int i = 0; i < THREADS; i++)
        finish(threads[i]);
}

static void check_all(struct shared *s) {
    make(s);
    run(s, use);
    for (int i = 0; i < 4; i++)
        CHECK_EQUAL(s->counts[i], THREADS * ROUNDS);
    run(s, take_turns);
    CHECK_EQUAL(s->turn, THREADS * 2);
    finish(start(lock_and_end, s));
    CHECK_EQUAL(pthread_mutex_lock(&s->robust), EOWNERDEAD);
    CHECK_EQUAL(pthread_mutex_consistent(&s->robust), 0);
    CHECK_EQUAL(pthread_mutex_unlock(&s->robust), 0);
}

int main(void) {
    for (size_t offset = 0; offset <= 4096 - 64; offset += 448) {
        char *memory =
            mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

        if (!CHECK(memory != MAP_FAILED))
            break;
        check_all((struct shared *)(memory + offset));
        CHECK_EQUAL(munmap(memory, 8192), 0);
    }
    return checks_end();
}
