/* SPDX-License-Identifier: MIT */
/*
 * 10,000 threads at once, with default attributes, in 256 MiB: all of them alive and
 * asleep, then all of them woken; twice, so that what they took came back.
 */
// stdout-from: checks
// memory: 256M
// vcpus: 1 2 4
// timeout: 120
#define _GNU_SOURCE
#include "thread/thread.h"

enum { THREADS = 10000 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER,
                      all_here = PTHREAD_COND_INITIALIZER;
static int here, go;
static long sum;
static pthread_t threads[THREADS];

static void *wait_for_go(void *argument) {
    volatile char used[3000];

    used[0] = 1;
    pthread_mutex_lock(&mutex);
    if (++here == THREADS)
        pthread_cond_signal(&all_here);
    while (!go)
        pthread_cond_wait(&condition, &mutex);
    sum += (long)argument * used[0];
    pthread_mutex_unlock(&mutex);
    return (char *)argument + 1;
}

static void test_many(void) {
    int wrong = 0;

    here = go = 0;
    sum = 0;
    for (long i = 0; i < THREADS; i++)
        threads[i] = start(wait_for_go, (void *)i);
    pthread_mutex_lock(&mutex);
    while (here < THREADS)
        pthread_cond_wait(&all_here, &mutex);
    go = 1;
    pthread_cond_broadcast(&condition);
    pthread_mutex_unlock(&mutex);
    for (long i = 0; i < THREADS; i++) {
        void *result = NULL;

        if (pthread_join(threads[i], &result) != 0 || result != (void *)(i + 1))
            wrong++;
    }
    CHECK_EQUAL(wrong, 0);
    CHECK_EQUAL(sum, (long)THREADS * (THREADS - 1) / 2);
}

int main(void) {
    RUN(test_many);
    RUN(test_many);
    return checks_end();
}
