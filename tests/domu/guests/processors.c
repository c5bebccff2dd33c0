/* SPDX-License-Identifier: MIT */
/*
 * Tells how many processors there are whenever that changes. Threads that compute, one that
 * sleeps and one that wants the last processor for itself go on all the time. SIGTERM ends
 * it: status 1 if one of them did not go on.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

enum { THREADS = 6, SLEEPER = THREADS - 2, PINNED };

static volatile unsigned long rounds[THREADS];
static volatile sig_atomic_t is_over;

static void end(int number) {
    (void)number;
    is_over = 1;
}

static void *go_on(void *argument) {
    volatile unsigned long *mine = argument;
    long index = mine - rounds;
    cpu_set_t last;

    if (index == PINNED) {
        CPU_ZERO(&last);
        CPU_SET((size_t)sysconf(_SC_NPROCESSORS_ONLN) - 1, &last);
        pthread_setaffinity_np(pthread_self(), sizeof last, &last);
    }
    while (!is_over) {
        if (index >= SLEEPER)
            usleep(500);
        ++*mine;
    }
    return NULL;
}

/* Until each has done something since; a thread that hangs is ended by the test's limit. */
static void wait_for_all(void) {
    for (int i = 0; i < THREADS; i++) {
        unsigned long before = rounds[i];

        while (rounds[i] == before && !is_over)
            usleep(500);
    }
}

/* Whether threads run only where they may. */
static int count_used(long usable) {
    for (int i = 0; i < 200; i++) {
        int here = sched_getcpu();

        if (here >= usable && sysconf(_SC_NPROCESSORS_ONLN) == usable)
            return 0;
        usleep(100);
    }
    return 1;
}

int main(void) {
    pthread_t threads[THREADS];
    long count = 0;
    int good = 1;

    signal(SIGTERM, end);
    printf("%ld at first\n", sysconf(_SC_NPROCESSORS_ONLN));
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, go_on, (void *)&rounds[i]))
            return 100;
    while (!is_over) {
        if (sysconf(_SC_NPROCESSORS_ONLN) != count) {
            count = sysconf(_SC_NPROCESSORS_ONLN);
            wait_for_all();
            good &= count_used(count);
            printf("%ld\n", count);
            fflush(stdout);
        }
        usleep(1000);
    }
    for (int i = 0; i < THREADS; i++) {
        good &= rounds[i] != 0;
        pthread_join(threads[i], NULL);
    }
    return !good;
}
