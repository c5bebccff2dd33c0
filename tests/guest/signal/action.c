/* SPDX-License-Identifier: MIT */
/* Handlers: which is called with what, what is held back meanwhile, and SA_ flags. */
// native:
// stdout-from: checks
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <ucontext.h>
#include <unistd.h>

#include "check.h"

static volatile int calls, last, depth, deepest, in_other;
static siginfo_t info;

static void count(int signal) {
    calls++;
    last = signal;
}

static void install(int signal, void (*handler)(int), int flags) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};

    CHECK_EQUAL(sigaction(signal, &action, NULL), 0);
}

static int is_blocked(int signal) {
    sigset_t now;

    sigprocmask(SIG_SETMASK, NULL, &now);
    return sigismember(&now, signal);
}

static void test_called(void) {
    const int signals[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGILL,   SIGABRT,  SIGFPE,  SIGSEGV,
                           SIGTERM, SIGUSR1, SIGCHLD, SIGWINCH, SIGRTMIN, SIGRTMAX};

    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        calls = last = 0;
        CHECK(signal(signals[i], count) == SIG_DFL);
        CHECK_EQUAL(raise(signals[i]), 0); /* it was handled before raise returns */
        CHECK(calls == 1 && last == signals[i]);
        CHECK(!is_blocked(signals[i]));
        CHECK_EQUAL(kill(getpid(), signals[i]), 0);
        CHECK_EQUAL(calls, 2);
        CHECK(signal(signals[i], SIG_IGN) == count);
        CHECK_EQUAL(raise(signals[i]), 0);
        CHECK_EQUAL(calls, 2);
        CHECK(signal(signals[i], SIG_DFL) == SIG_IGN);
    }
}

static void test_ignored_by_default(void) {
    static const int signals[] = {SIGCHLD, SIGURG, SIGWINCH, SIGCONT};

    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        CHECK_EQUAL(raise(signals[i]), 0);
}

static void keep_info(int signal, siginfo_t *given, void *context) {
    count(signal);
    info = *given;
    CHECK(context != NULL);
}

static void test_info(void) {
    struct sigaction action = {.sa_sigaction = keep_info, .sa_flags = SA_SIGINFO}, old;

    calls = 0;
    CHECK_EQUAL(sigaction(SIGUSR1, &action, NULL), 0);
    raise(SIGUSR1);
    CHECK(calls == 1 && info.si_signo == SIGUSR1 && info.si_code == SI_TKILL);
    CHECK_EQUAL(info.si_pid, getpid());
    CHECK_EQUAL(info.si_uid, getuid());
    kill(getpid(), SIGUSR1);
    CHECK(calls == 2 && info.si_signo == SIGUSR1);
    CHECK_EQUAL(info.si_code, SI_USER);
    CHECK_EQUAL(sigaction(SIGUSR1, NULL, &old), 0);
    CHECK(old.sa_sigaction == keep_info && old.sa_flags & SA_SIGINFO);
    signal(SIGUSR1, SIG_DFL);
}

static void go_deeper(int signal) {
    count(signal);
    if (++depth > deepest)
        deepest = depth;
    if (calls < 4)
        raise(signal);
    depth--;
}

static void test_nesting(void) {
    calls = depth = deepest = 0;
    install(SIGUSR1, go_deeper, SA_NODEFER);
    raise(SIGUSR1);
    CHECK(calls == 4 && deepest == 4);
    calls = deepest = 0;
    install(SIGUSR1, go_deeper, 0); /* held back until the handler returns */
    raise(SIGUSR1);
    CHECK(calls == 4 && deepest == 1);
    signal(SIGUSR1, SIG_DFL);
}

static void test_reset(void) {
    struct sigaction now;

    calls = 0;
    install(SIGUSR1, count, SA_RESETHAND);
    raise(SIGUSR1);
    CHECK_EQUAL(calls, 1);
    CHECK_EQUAL(sigaction(SIGUSR1, NULL, &now), 0);
    CHECK(now.sa_handler == SIG_DFL);
}

static void other(int signal) {
    (void)signal;
    in_other++;
}

static void raise_other(int signal) {
    count(signal);
    raise(SIGUSR2);
    CHECK_EQUAL(in_other, 0);
    CHECK(is_blocked(SIGUSR1) && is_blocked(SIGUSR2) && is_blocked(SIGHUP));
}

static void test_mask(void) {
    struct sigaction action = {.sa_handler = raise_other};

    calls = in_other = 0;
    sigemptyset(&action.sa_mask);
    sigaddset(&action.sa_mask, SIGUSR2);
    sigaddset(&action.sa_mask, SIGHUP);
    install(SIGUSR2, other, 0);
    CHECK_EQUAL(sigaction(SIGUSR1, &action, NULL), 0);
    raise(SIGUSR1);
    CHECK(calls == 1 && in_other == 1);
    CHECK(!is_blocked(SIGUSR1) && !is_blocked(SIGUSR2) && !is_blocked(SIGHUP));
    signal(SIGUSR1, SIG_DFL);
    signal(SIGUSR2, SIG_DFL);
}

static void block_on_return(int signal, siginfo_t *given, void *context) {
    (void)given;
    count(signal);
    sigaddset(&((ucontext_t *)context)->uc_sigmask, SIGUSR2);
}

/* The mask after a handler is the one in its context. */
static void test_context(void) {
    struct sigaction action = {.sa_sigaction = block_on_return, .sa_flags = SA_SIGINFO};
    sigset_t set;

    CHECK_EQUAL(sigaction(SIGUSR1, &action, NULL), 0);
    raise(SIGUSR1);
    CHECK(is_blocked(SIGUSR2));
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    CHECK_EQUAL(sigprocmask(SIG_UNBLOCK, &set, NULL), 0);
    signal(SIGUSR1, SIG_DFL);
}

static void test_errors(void) {
    struct sigaction action = {.sa_handler = count};

    CHECK_FAILS(sigaction(0, &action, NULL), EINVAL);
    CHECK_FAILS(sigaction(-1, &action, NULL), EINVAL);
    CHECK_FAILS(sigaction(SIGRTMAX + 1, &action, NULL), EINVAL);
    CHECK_FAILS(sigaction(SIGKILL, &action, NULL), EINVAL);
    CHECK_FAILS(sigaction(SIGSTOP, &action, NULL), EINVAL);
    CHECK_FAILS(signal(SIGKILL, SIG_IGN), EINVAL);
    CHECK_FAILS(kill(getpid(), 65), EINVAL);
    CHECK_FAILS(kill(getpid(), -1), EINVAL);
    CHECK_FAILS(kill(0x3fffffff, SIGUSR1), ESRCH);
    CHECK_FAILS(kill(0x3fffffff, 0), ESRCH);
    CHECK_EQUAL(kill(getpid(), 0), 0);
    CHECK(raise(0) == 0);
}

int main(void) {
    test_called();
    test_ignored_by_default();
    test_info();
    test_nesting();
    test_reset();
    test_mask();
    test_context();
    test_errors();
    return checks_end();
}
