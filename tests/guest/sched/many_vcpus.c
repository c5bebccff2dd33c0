/* SPDX-License-Identifier: MIT */
/*
 * As many vCPUs as a domain may have without placing its vcpu_info anew: all are started as
 * threads need them, a thread on each meets the others at a barrier and wakes its
 * neighbour.
 */
// process: no: it asks a guest for what only a guest is
// native: -pthread
// stdout-from: checks
// vcpus: 32
// memory: 64M
// timeout: 120
#define _GNU_SOURCE
#include "thread/thread.h"

#include <semaphore.h>

enum { MOST = 32, ROUNDS = 3 };

static int count;
static pthread_barrier_t barrier;
static sem_t turns[MOST];
static volatile int seen[MOST], passed;

static int stay_on(int processor) {
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET((size_t)processor, &set);
    return sched_setaffinity(0, sizeof set, &set);
}

static void *meet(void *argument) {
    int self = (int)(long)argument;

    CHECK_EQUAL(stay_on(self), 0);
    CHECK_EQUAL(sched_getcpu(), self);
    add(&seen[self], 1);
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < ROUNDS; i++) {
        sem_wait(&turns[self]);
        CHECK_EQUAL(load(&passed), i * count + self); /* nobody else's turn */
        add(&passed, 1);
        sem_post(&turns[(self + 1) % count]);
    }
    CHECK_EQUAL(sched_getcpu(), self);
    return NULL;
}

int main(void) {
    pthread_t threads[MOST];

    count = (int)sysconf(_SC_NPROCESSORS_ONLN);
#ifdef __atman__
    CHECK_EQUAL(count, MOST);
#endif
    count = count < MOST ? count : MOST;
    pthread_barrier_init(&barrier, NULL, (unsigned)count);
    for (int i = 0; i < count; i++)
        sem_init(&turns[i], 0, i == 0);
    for (int i = 0; i < count; i++)
        threads[i] = start(meet, (void *)(long)i);
    for (int i = 0; i < count; i++)
        finish(threads[i]);
    CHECK_EQUAL(passed, ROUNDS * count);
    for (int i = 0; i < count; i++)
        CHECK_EQUAL(seen[i], 1);
    return checks_end();
}
