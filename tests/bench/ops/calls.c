/* SPDX-License-Identifier: MIT */
/* Calls that do next to nothing: their cost is that of getting there and back. */
#include "op.h"

#include <pthread.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

static void getppid_run(unsigned long count) {
    while (count--)
        getppid();
}

static void clock_gettime_run(unsigned long count) {
    struct timespec now;

    while (count--)
        clock_gettime(CLOCK_MONOTONIC, &now);
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void mutex_run(unsigned long count) {
    while (count--) {
        pthread_mutex_lock(&mutex);
        pthread_mutex_unlock(&mutex);
    }
}

const struct op op_getppid = {"getppid", 1, 10000, NULL, getppid_run, 100};
const struct op op_clock_gettime = {"clock_gettime",   1,  10000, NULL,
                                    clock_gettime_run, 100};
const struct op op_mutex = {"mutex", 1, 10000, NULL, mutex_run, 100};
