/* SPDX-License-Identifier: MIT */
/*
 * Shorthands for tests that handle signals and look at clocks. A call that cannot fail in a
 * sound system ends the program if it does, since nothing after it would mean anything.
 */
#ifndef ATMAN_TESTS_HANDLERS_H
#define ATMAN_TESTS_HANDLERS_H

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#define SECOND 1000000000l
#define MILLISECOND 1000000l

typedef void handler_function(int, siginfo_t *, void *);

/* Handles signal with handler; SA_SIGINFO is added to flags. Nothing more is blocked. */
static inline void handle(int signal, handler_function *handler, int flags) {
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = flags | SA_SIGINFO};

    sigemptyset(&action.sa_mask);
    if (sigaction(signal, &action, NULL))
        abort();
}

static inline sigset_t set_of(int signal) {
    sigset_t set;

    sigemptyset(&set);
    if (signal)
        sigaddset(&set, signal);
    return set;
}

static inline void block(int signal) {
    sigset_t set = set_of(signal);

    if (pthread_sigmask(SIG_BLOCK, &set, NULL))
        abort();
}

static inline void unblock(int signal) {
    sigset_t set = set_of(signal);

    if (pthread_sigmask(SIG_UNBLOCK, &set, NULL))
        abort();
}

static inline int is_blocked(int signal) {
    sigset_t now;

    pthread_sigmask(SIG_SETMASK, NULL, &now);
    return sigismember(&now, signal);
}

static inline int is_pending(int signal) {
    sigset_t now;

    sigemptyset(&now);
    sigpending(&now);
    return sigismember(&now, signal);
}

/* Nanoseconds. */
static inline int64_t read_clock(clockid_t clock) {
    struct timespec t;

    if (clock_gettime(clock, &t))
        abort();
    return t.tv_sec * SECOND + t.tv_nsec;
}

static inline struct timespec to_timespec(int64_t ns) {
    return (struct timespec){.tv_sec = ns / SECOND, .tv_nsec = ns % SECOND};
}

/* Sleeps at least so long, whatever interrupts it. */
static inline void sleep_ns(int64_t ns) {
    struct timespec t = to_timespec(read_clock(CLOCK_MONOTONIC) + ns);

    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL))
        ;
}

/* Waits until *flag is not 0, for 20 s at most; whether it is. */
static inline int await(volatile int *flag) {
    int64_t end = read_clock(CLOCK_MONOTONIC) + 20 * SECOND;

    while (!*flag && read_clock(CLOCK_MONOTONIC) < end)
        sleep_ns(200000);
    return *flag;
}

#endif
