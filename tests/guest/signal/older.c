/* SPDX-License-Identifier: MIT */
/* The older functions: sigset, sighold and kin, sigpause, psignal; and sets' own. */
// native: -Wno-deprecated-declarations
// flags: -Wno-deprecated-declarations
// stdout-from: checks
// stderr-like: ^here: Hangup$
#define _GNU_SOURCE
#include <unistd.h>

#include "check.h"
#include "handlers.h"

static volatile int calls;

static void count(int signal) {
    calls += signal > 0;
}

static void test_set(void) {
    CHECK(sigset(SIGUSR1, count) == SIG_DFL);
    raise(SIGUSR1);
    CHECK_EQUAL(calls, 1);
    CHECK_EQUAL(sighold(SIGUSR1), 0);
    CHECK(is_blocked(SIGUSR1));
    raise(SIGUSR1);
    CHECK_EQUAL(calls, 1);
    CHECK_EQUAL(sigrelse(SIGUSR1), 0);
    CHECK_EQUAL(calls, 2);
    CHECK(sigset(SIGUSR1, SIG_HOLD) == count && is_blocked(SIGUSR1));
    CHECK(sigset(SIGUSR1, count) == SIG_HOLD && !is_blocked(SIGUSR1));
    CHECK_EQUAL(sigignore(SIGUSR1), 0);
    raise(SIGUSR1);
    CHECK_EQUAL(calls, 2);
    CHECK(sigset(SIGUSR1, count) == SIG_IGN);
    CHECK_FAILS((long)sigset(SIGKILL, count), EINVAL);
    CHECK_FAILS(sighold(0), EINVAL);
    CHECK_FAILS(sigrelse(65), EINVAL);
    CHECK_FAILS(sigignore(SIGSTOP), EINVAL);
}

static void test_pause(void) {
    sighold(SIGUSR1);
    raise(SIGUSR1);
    CHECK_EQUAL(calls, 2);
    CHECK_FAILS(sigpause(SIGUSR1), EINTR);
    CHECK(calls == 3 && is_blocked(SIGUSR1));
    sigrelse(SIGUSR1);
}

static void test_sets(void) {
    sigset_t a = set_of(SIGUSR1), b = set_of(SIGUSR2), both;

    CHECK_EQUAL(sigorset(&both, &a, &b), 0);
    CHECK(sigismember(&both, SIGUSR1) && sigismember(&both, SIGUSR2));
    CHECK_EQUAL(sigandset(&both, &both, &a), 0);
    CHECK(sigismember(&both, SIGUSR1) && !sigismember(&both, SIGUSR2));
    CHECK(!sigisemptyset(&both));
    sigdelset(&both, SIGUSR1);
    CHECK(sigisemptyset(&both));
    CHECK(SIGRTMIN > 32 && SIGRTMAX == 64);
    psignal(SIGHUP, "here");
}

int main(void) {
    test_set();
    test_pause();
    test_sets();
    return checks_end();
}
