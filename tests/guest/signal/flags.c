/* SPDX-License-Identifier: MIT */
/*
 * sigaction's flags one by one and together: what is told of them afterwards, what is reset
 * and when, which mask a handler runs with; the older functions on top of it; the sizes and
 * values that the system calls refuse.
 */
// native: -pthread -Wno-deprecated-declarations
// flags: -Wno-deprecated-declarations
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <unistd.h>

#include "check.h"
#include "handlers.h"

static volatile int calls, in_second, seen;
static struct sigaction inside;

static void simple(int signal) {
    calls += signal > 0;
}

static void count(int signal, siginfo_t *info, void *context) {
    (void)info, (void)context;
    calls++;
    sigaction(signal, NULL, &inside);
}

static void test_told(void) {
    static const int flags[] = {0,          SA_RESTART,   SA_NODEFER,   SA_RESETHAND,
                                SA_ONSTACK, SA_NOCLDSTOP, SA_NOCLDWAIT, SA_SIGINFO};
    struct sigaction set, got;

    for (unsigned bits = 0; bits < 256; bits++) {
        int all = 0;
        for (int i = 0; i < 8; i++)
            all |= bits & 1u << i ? flags[i] : 0;
        memset(&set, 0, sizeof set);
        set.sa_flags = all;
        set.sa_handler = simple;
        sigaddset(&set.sa_mask, SIGHUP);
        sigaddset(&set.sa_mask, SIGRTMAX);
        sigaddset(&set.sa_mask, SIGKILL);
        sigaddset(&set.sa_mask, SIGSTOP);
        int signal = bits % 2 ? SIGCHLD : SIGRTMIN + 3;
        CHECK_EQUAL(sigaction(signal, &set, NULL), 0);
        memset(&got, 0x55, sizeof got);
        CHECK_EQUAL(sigaction(signal, NULL, &got), 0);
        CHECK(got.sa_handler == simple);
        CHECK_EQUAL(got.sa_flags & ~0x04000000, all); /* SA_RESTORER is the C library's */
        CHECK(sigismember(&got.sa_mask, SIGHUP) && sigismember(&got.sa_mask, SIGRTMAX));
        CHECK(!sigismember(&got.sa_mask, SIGUSR1));
        CHECK(!sigismember(&got.sa_mask, SIGKILL) && !sigismember(&got.sa_mask, SIGSTOP));
    }
    set.sa_handler = SIG_DFL;
    CHECK_EQUAL(sigaction(SIGCHLD, &set, &got), 0);
    CHECK(got.sa_handler == simple);
    CHECK_EQUAL(sigaction(SIGRTMIN + 3, &set, NULL), 0);
}

/* Reset as the handler begins, so that a second one is the default's: here, ignoring. */
static void test_reset(void) {
    struct sigaction now;

    for (int i = 0; i < 2; i++) {
        calls = 0;
        handle(SIGURG, count, SA_RESETHAND | (i ? SA_NODEFER : 0));
        raise(SIGURG);
        raise(SIGURG);
        CHECK_EQUAL(calls, 1);
        CHECK(inside.sa_handler == SIG_DFL);
        CHECK_EQUAL(sigaction(SIGURG, NULL, &now), 0);
        CHECK(now.sa_handler == SIG_DFL);
    }
    /* two pending at once: both were sent to the handler that was there for one */
    calls = 0;
    handle(SIGURG, count, SA_RESETHAND);
    block(SIGURG);
    raise(SIGURG);
    unblock(SIGURG);
    CHECK_EQUAL(calls, 1);
}

static void look_at_mask(int signal, siginfo_t *info, void *context) {
    (void)info, (void)context;
    calls++;
    seen = is_blocked(signal) | is_blocked(SIGUSR2) << 1 | is_blocked(SIGHUP) << 2;
}

static void test_mask(void) {
    struct sigaction action = {.sa_sigaction = look_at_mask, .sa_flags = SA_SIGINFO};

    block(SIGHUP);
    sigemptyset(&action.sa_mask);
    sigaddset(&action.sa_mask, SIGUSR2);
    CHECK_EQUAL(sigaction(SIGUSR1, &action, NULL), 0);
    raise(SIGUSR1);
    CHECK_EQUAL(seen, 7);
    action.sa_flags |= SA_NODEFER;
    CHECK_EQUAL(sigaction(SIGUSR1, &action, NULL), 0);
    raise(SIGUSR1);
    CHECK_EQUAL(seen, 6);
    sigaddset(&action.sa_mask, SIGUSR1); /* the mask says so itself */
    CHECK_EQUAL(sigaction(SIGUSR1, &action, NULL), 0);
    raise(SIGUSR1);
    CHECK_EQUAL(seen, 7);
    CHECK(is_blocked(SIGHUP) && !is_blocked(SIGUSR1) && !is_blocked(SIGUSR2));
    unblock(SIGHUP);
}

static void second(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)info, (void)context;
    in_second++;
}

static void change_own(int signal, siginfo_t *info, void *context) {
    (void)info, (void)context;
    calls++;
    handle(signal, second, 0);
    raise(signal); /* held back, and then the new one's */
    CHECK_EQUAL(in_second, 0);
}

static void test_changed_inside(void) {
    calls = in_second = 0;
    handle(SIGUSR1, change_own, 0);
    raise(SIGUSR1);
    CHECK(calls == 1 && in_second == 1);
}

static void *interrupt_main(void *argument) {
    for (int i = 0; i < 3; i++) {
        sleep_ns(5 * MILLISECOND);
        pthread_kill(*(pthread_t *)argument, SIGUSR1);
    }
    return NULL;
}

/* signal() restarts what it interrupts (BSD), until siginterrupt says otherwise. */
static void test_older(void) {
    struct sigaction now;
    pthread_t self = pthread_self(), thread;

    CHECK(signal(SIGUSR1, simple) != SIG_ERR);
    CHECK(sigaction(SIGUSR1, NULL, &now) == 0 && now.sa_flags & SA_RESTART);
    CHECK(!(now.sa_flags & (SA_RESETHAND | SA_NODEFER)));
    CHECK_EQUAL(siginterrupt(SIGUSR1, 1), 0);
    CHECK(sigaction(SIGUSR1, NULL, &now) == 0 && !(now.sa_flags & SA_RESTART));
    CHECK_EQUAL(siginterrupt(SIGUSR1, 0), 0);
    CHECK(sigaction(SIGUSR1, NULL, &now) == 0 && now.sa_flags & SA_RESTART);
    calls = 0;
    CHECK_EQUAL(pthread_create(&thread, NULL, interrupt_main, &self), 0);
    CHECK_EQUAL(pthread_join(thread, NULL), 0);
    CHECK(await(&calls));
    CHECK(signal(SIGUSR1, SIG_DFL) == simple);
}

static void test_refused(void) {
    struct {
        void *handler;
        unsigned long flags;
        void *restorer;
        unsigned long mask;
    } action = {SIG_IGN, 0, NULL, 0}, old;
    uint64_t set = 0;

    CHECK_EQUAL(syscall(SYS_rt_sigaction, SIGUSR1, &action, &old, 8), 0);
    CHECK_EQUAL(syscall(SYS_rt_sigaction, SIGUSR1, NULL, NULL, 8), 0);
    for (long size = 0; size <= 16; size += 4) {
        if (size == 8)
            continue;
        CHECK_FAILS(syscall(SYS_rt_sigaction, SIGUSR1, &action, NULL, size), EINVAL);
        CHECK_FAILS(syscall(SYS_rt_sigprocmask, SIG_BLOCK, &set, NULL, size), EINVAL);
    }
    CHECK_FAILS(syscall(SYS_rt_sigpending, &set, 16), EINVAL);
    CHECK_FAILS(syscall(SYS_rt_sigprocmask, 3, &set, NULL, 8), EINVAL);
    CHECK_FAILS(syscall(SYS_rt_sigaction, 0, &action, NULL, 8), EINVAL);
    CHECK_FAILS(syscall(SYS_rt_sigaction, 65, &action, NULL, 8), EINVAL);
    CHECK_FAILS(syscall(SYS_rt_sigaction, SIGKILL, &action, NULL, 8), EINVAL);
    CHECK_EQUAL(syscall(SYS_rt_sigaction, SIGKILL, NULL, &old, 8), 0);
    CHECK(old.handler == SIG_DFL);
}

int main(void) {
    test_told();
    test_reset();
    test_mask();
    test_changed_inside();
    test_older();
    test_refused();
    return checks_end();
}
