/* SPDX-License-Identifier: MIT */
/* The signal mask, signals held back by it, and jumps out of handlers. */
// native:
// stdout-from: checks
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"

static volatile int calls;
static sigjmp_buf there;

static void count(int signal) {
    (void)signal;
    calls++;
}

static sigset_t set_of(int signal) {
    sigset_t set;

    sigemptyset(&set);
    if (signal)
        sigaddset(&set, signal);
    return set;
}

static int is_blocked(int signal) {
    sigset_t now;

    sigprocmask(SIG_SETMASK, NULL, &now);
    return sigismember(&now, signal);
}

static int is_pending(int signal) {
    sigset_t set;

    CHECK_EQUAL(sigpending(&set), 0);
    return sigismember(&set, signal);
}

static void test_held_back(void) {
    sigset_t one = set_of(SIGUSR1), before, none = set_of(0);

    calls = 0;
    signal(SIGUSR1, count);
    CHECK_EQUAL(sigprocmask(SIG_BLOCK, &one, &before), 0);
    CHECK(!sigismember(&before, SIGUSR1) && is_blocked(SIGUSR1));
    CHECK(!is_pending(SIGUSR1));
    raise(SIGUSR1);
    raise(SIGUSR1); /* once is enough for a signal that is no real-time one */
    CHECK(calls == 0 && is_pending(SIGUSR1) && !is_pending(SIGUSR2));
    CHECK_EQUAL(sigprocmask(SIG_BLOCK, &none, NULL), 0);
    CHECK_EQUAL(calls, 0);
    CHECK_EQUAL(sigprocmask(SIG_UNBLOCK, &one, &before), 0);
    CHECK(calls == 1 && sigismember(&before, SIGUSR1) && !is_pending(SIGUSR1));
    CHECK_EQUAL(sigprocmask(SIG_SETMASK, &one, NULL), 0);
    kill(getpid(), SIGUSR1);
    CHECK_EQUAL(calls, 1);
    CHECK_EQUAL(sigprocmask(SIG_SETMASK, &none, NULL), 0);
    CHECK_EQUAL(calls, 2);
}

/* What is ignored, even if only by then, is not delivered later. */
static void test_discarded(void) {
    sigset_t one = set_of(SIGUSR1), none = set_of(0);

    calls = 0;
    sigprocmask(SIG_BLOCK, &one, NULL);
    signal(SIGUSR1, count);
    raise(SIGUSR1);
    signal(SIGUSR1, SIG_IGN);
    CHECK(!is_pending(SIGUSR1));
    signal(SIGUSR1, count);
    sigprocmask(SIG_SETMASK, &none, NULL);
    CHECK_EQUAL(calls, 0);
}

/* Real-time signals are counted, not merged. */
static void test_real_time(void) {
    sigset_t one = set_of(SIGRTMIN + 1);

    calls = 0;
    signal(SIGRTMIN + 1, count);
    sigprocmask(SIG_BLOCK, &one, NULL);
    for (int i = 0; i < 3; i++)
        raise(SIGRTMIN + 1);
    sigprocmask(SIG_UNBLOCK, &one, NULL);
    CHECK_EQUAL(calls, 3);
}

static void test_everything(void) {
    sigset_t all, before, now;

    sigfillset(&all);
    CHECK_EQUAL(sigprocmask(SIG_SETMASK, &all, &before), 0);
    CHECK(is_blocked(SIGUSR1) && is_blocked(SIGTERM) && is_blocked(SIGRTMAX));
    CHECK(!is_blocked(SIGKILL) && !is_blocked(SIGSTOP));
    CHECK_EQUAL(sigprocmask(SIG_SETMASK, &before, &now), 0);
    CHECK(!sigismember(&now, SIGKILL));
    CHECK_FAILS(sigprocmask(77, &all, NULL), EINVAL);
    CHECK_EQUAL(sigprocmask(77, NULL, &now), 0); /* only asked: how does not count */
}

static void leave(int signal) {
    calls++;
    siglongjmp(there, signal);
}

static void test_jump_out(void) {
    calls = 0;
    signal(SIGUSR1, leave);
    for (volatile int round = 0; round < 5; round++) {
        int got = sigsetjmp(there, 1);
        if (!got) {
            raise(SIGUSR1);
            CHECK(!"reached");
        }
        CHECK_EQUAL(got, SIGUSR1);
        CHECK(!is_blocked(SIGUSR1)); /* the mask came back with the jump */
    }
    CHECK_EQUAL(calls, 5);
    if (!sigsetjmp(there, 0)) {
        raise(SIGUSR1);
        CHECK(!"reached");
    }
    CHECK(is_blocked(SIGUSR1)); /* and here it did not */
    sigset_t one = set_of(SIGUSR1);
    sigprocmask(SIG_UNBLOCK, &one, NULL);
    CHECK_EQUAL(calls, 6);
}

static void test_jump_out_of_abort(void) {
    calls = 0;
    signal(SIGABRT, leave);
    if (!sigsetjmp(there, 1))
        abort();
    CHECK_EQUAL(calls, 1);
    signal(SIGABRT, SIG_DFL);
}

static void test_sets(void) {
    sigset_t set;

    CHECK_EQUAL(sigemptyset(&set), 0);
    CHECK_FAILS(sigaddset(&set, 0), EINVAL);
    CHECK_FAILS(sigaddset(&set, 65), EINVAL);
    CHECK_EQUAL(sigaddset(&set, 64), 0);
    CHECK(sigismember(&set, 64) == 1 && sigismember(&set, 63) == 0);
    CHECK_EQUAL(sigdelset(&set, 64), 0);
    CHECK_EQUAL(sigismember(&set, 64), 0);
    CHECK(!strcmp(strsignal(SIGSEGV), "Segmentation fault"));
}

int main(void) {
    test_held_back();
    test_discarded();
    test_real_time();
    test_everything();
    test_jump_out();
    test_jump_out_of_abort();
    test_sets();
    return checks_end();
}
