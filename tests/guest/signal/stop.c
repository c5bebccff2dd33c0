/* SPDX-License-Identifier: MIT */
/*
 * A domain that stopped would have nobody to set it going again: signals that stop a
 * process are told of in the log, and the program goes on; a handler takes those that one
 * can be set for.
 */
// vcpus: 1 2
// stdout-from: checks
// options: --log warn
// stderr-like: ^atman: signal 20 would stop
// stderr-like: ^atman: signal 21 would stop
// stderr-like: ^atman: signal 22 would stop
// stderr-like: ^atman: signal 19 would stop
// stderr-like: ^atman: signal 19 would stop
// stderr-like: ^atman: signal 19 would stop
// stderr-only: atman: signal \d+ would stop .*
#define _GNU_SOURCE
#include <unistd.h>

#include "check.h"
#include "handlers.h"

static volatile int calls;

static void count(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)info, (void)context;
    calls++;
}

static void *stop_from_thread(void *argument) {
    CHECK_EQUAL(kill(getpid(), SIGSTOP), 0);
    return argument;
}

int main(void) {
    static const int stops[] = {SIGTSTP, SIGTTIN, SIGTTOU};
    pthread_t thread;
    sigset_t all, old;

    for (int i = 0; i < 3; i++) {
        CHECK_EQUAL(raise(stops[i]), 0);
        handle(stops[i], count, 0);
        CHECK_EQUAL(kill(getpid(), stops[i]), 0);
        CHECK_EQUAL(calls, i + 1);
        signal(stops[i], SIG_IGN); /* and nothing is said */
        CHECK_EQUAL(raise(stops[i]), 0);
    }
    sigfillset(&all);
    CHECK_EQUAL(raise(SIGSTOP), 0);
    sigprocmask(SIG_SETMASK, &all, &old); /* that one cannot be held back */
    CHECK_EQUAL(kill(getpid(), SIGSTOP), 0);
    sigprocmask(SIG_SETMASK, &old, NULL);
    CHECK_EQUAL(pthread_create(&thread, NULL, stop_from_thread, NULL), 0);
    CHECK_EQUAL(pthread_join(thread, NULL), 0);
    CHECK_EQUAL(raise(SIGCONT), 0);
    CHECK_EQUAL(calls, 3);
    return checks_end();
}
