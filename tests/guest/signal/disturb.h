/* SPDX-License-Identifier: MIT */
/* A thread that sends SIGUSR1 to the one that began it, again and again, until the end. */
#ifndef ATMAN_TESTS_DISTURB_H
#define ATMAN_TESTS_DISTURB_H

#include "check.h"
#include "handlers.h"

static volatile int calls;     /* the handler counts them */
static volatile int period_ms; /* between two signals */
static volatile int stop;
static pthread_t target;

static void *disturb(void *argument) {
    while (!stop) {
        sleep_ns(period_ms * MILLISECOND);
        pthread_kill(target, SIGUSR1);
    }
    return argument;
}

static pthread_t begin(handler_function *handler, int flags) {
    pthread_t thread;

    handle(SIGUSR1, handler, flags);
    calls = stop = 0;
    target = pthread_self();
    CHECK_EQUAL(pthread_create(&thread, NULL, disturb, NULL), 0);
    return thread;
}

static void end(pthread_t thread) {
    stop = 1;
    CHECK_EQUAL(pthread_join(thread, NULL), 0);
}

#endif
