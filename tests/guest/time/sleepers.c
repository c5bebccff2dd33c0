/* SPDX-License-Identifier: MIT */
/*
 * Many threads asleep at once, for random times, on all clocks and in all ways of waiting:
 * nobody wakes early, nobody is forgotten, and those who were woken before do not wake
 * twice.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include <semaphore.h>

#include "check.h"
#include "handlers.h"
#include "random.h"

enum { THREADS = 40, SLEEPS = 12, LATE = 10 };

static uint64_t seeds[THREADS];
static int early, late, failed;

static void add(int *to) {
    __atomic_fetch_add(to, 1, __ATOMIC_SEQ_CST);
}

/* One wait of one kind; the clock it is measured by. */
static int wait_in_some_way(uint64_t kind, int64_t ns, clockid_t *clock) {
    static const clockid_t clocks[] = {CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_BOOTTIME};
    struct timespec t = to_timespec(ns), limit;
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
    sem_t semaphore;
    int error;

    *clock = clocks[kind % 3];
    switch (kind / 3 % 4) {
    case 0:
        return clock_nanosleep(*clock, 0, &t, NULL);
    case 1:
        t = to_timespec(read_clock(*clock) + ns);
        return clock_nanosleep(*clock, TIMER_ABSTIME, &t, NULL);
    case 2:
        *clock = CLOCK_REALTIME;
        sem_init(&semaphore, 0, 0);
        limit = to_timespec(read_clock(CLOCK_REALTIME) + ns);
        return sem_timedwait(&semaphore, &limit) == -1 && errno == ETIMEDOUT ? 0 : 1;
    default:
        *clock = CLOCK_REALTIME;
        limit = to_timespec(read_clock(CLOCK_REALTIME) + ns);
        pthread_mutex_lock(&mutex);
        do /* it may wake for nothing */
            error = pthread_cond_timedwait(&condition, &mutex, &limit);
        while (!error);
        pthread_mutex_unlock(&mutex);
        return error == ETIMEDOUT ? 0 : error;
    }
}

static void *run(void *argument) {
    uint64_t state = seeds[(long)argument];

    for (int i = 0; i < SLEEPS; i++) {
        state = state * 6364136223846793005 + 1442695040888963407;
        int64_t ns = (int64_t)(state >> 33) % (20 * MILLISECOND), began[3];
        clockid_t clock;
        began[0] = read_clock(CLOCK_MONOTONIC);
        began[1] = read_clock(CLOCK_REALTIME);
        began[2] = read_clock(CLOCK_BOOTTIME);
        if (wait_in_some_way(state >> 40, ns, &clock))
            add(&failed);
        int64_t slept = read_clock(clock) - began[clock == CLOCK_MONOTONIC  ? 0
                                                  : clock == CLOCK_REALTIME ? 1
                                                                            : 2];
        if (slept < ns)
            add(&early);
        if (slept > LATE * SECOND)
            add(&late);
    }
    return argument;
}

int main(void) {
    pthread_t threads[THREADS];

    random_start();
    for (int i = 0; i < THREADS; i++)
        seeds[i] = random_next();
    for (long i = 0; i < THREADS; i++)
        CHECK_EQUAL(pthread_create(&threads[i], NULL, run, (void *)i), 0);
    for (int i = 0; i < THREADS; i++)
        CHECK_EQUAL(pthread_join(threads[i], NULL), 0);
    CHECK_EQUAL(early, 0);
    CHECK_EQUAL(late, 0);
    CHECK_EQUAL(failed, 0);
    return checks_end();
}
