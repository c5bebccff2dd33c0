/* SPDX-License-Identifier: MIT */
/*
 * Something to find in a core: a thread that waits, one that runs, and a main one that
 * spins or, with the argument "crash", does what is not allowed.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int witness = 4711;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static volatile unsigned long steps;

static __attribute__((noinline)) void wait_for_mutex(volatile int wanted) {
    pthread_mutex_lock(&lock);
    witness = wanted;
}

static void *waiter(void *nothing) {
    wait_for_mutex(42);
    return nothing;
}

static __attribute__((noinline)) void spin(volatile int step) {
    for (;;)
        steps += (unsigned long)step;
}

static void *spinner(void *nothing) {
    spin(3);
    return nothing;
}

static __attribute__((noinline)) void go_wrong(volatile int *where) {
    *where = 1;
    puts("not reached");
}

int main(int argc, char **argv) {
    pthread_t threads[2];

    pthread_mutex_lock(&lock);
    pthread_create(&threads[0], NULL, waiter, NULL);
    pthread_create(&threads[1], NULL, spinner, NULL);
    while (steps < 1000)
        usleep(1000);
    puts("ready");
    fflush(stdout);
    if (argc > 1 && strcmp(argv[1], "crash") == 0)
        go_wrong(NULL);
    pthread_join(threads[1], NULL);
    return 0;
}
