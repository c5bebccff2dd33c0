/* SPDX-License-Identifier: MIT */
/*
 * Rules beside the way from sender to handler: what a program may claim of a signal that it
 * sends, stop signals and SIGCONT that cancel each other, flags and values that the system
 * calls take although they mean nothing.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include "thread/thread.h"

#include <signal.h>

enum { NOBODY = 0x3ffffff };

static volatile int calls;
static siginfo_t seen;

static void keep(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)context;
    seen = *info;
    add(&calls, 1);
}

static void handle(int signal, int flags) {
    struct sigaction action = {.sa_sigaction = keep, .sa_flags = SA_SIGINFO | flags};

    CHECK_EQUAL(sigaction(signal, &action, NULL), 0);
}

static sigset_t set_of(int signal) {
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, signal);
    return set;
}

static int is_pending(int signal) {
    sigset_t now;

    sigpending(&now);
    return sigismember(&now, signal);
}

static long queue(int pid, int signal, int code) {
    siginfo_t info = {.si_code = code};

    info.si_value.sival_int = 31;
    info.si_pid = 4711;
    return syscall(SYS_rt_sigqueueinfo, pid, signal, &info);
}

static long queue_to_thread(int pid, int tid, int signal, int code) {
    siginfo_t info = {.si_code = code};

    info.si_value.sival_int = 32;
    return syscall(SYS_rt_tgsigqueueinfo, pid, tid, signal, &info);
}

/* Codes that the kernel alone has for others are for oneself. */
static void test_claims(void) {
    int self = getpid();

    handle(SIGUSR1, 0);
    for (int code = SI_TKILL; code <= SI_KERNEL; code += SI_KERNEL) {
        calls = 0;
        CHECK_EQUAL(queue(self, SIGUSR1, code), 0);
        CHECK(calls == 1 && seen.si_code == code && seen.si_signo == SIGUSR1);
        CHECK_EQUAL(queue_to_thread(self, self, SIGUSR1, code), 0);
        CHECK(calls == 2 && seen.si_code == code);
    }
    calls = 0;
    CHECK_EQUAL(queue(self, SIGUSR1, SI_QUEUE), 0);
    CHECK(calls == 1 && seen.si_value.sival_int == 31 && seen.si_pid == 4711);
    CHECK_FAILS(queue(NOBODY, SIGUSR1, SI_QUEUE), ESRCH);
    CHECK_FAILS(queue(NOBODY, SIGUSR1, SI_USER), EPERM);
    CHECK_FAILS(queue(NOBODY, SIGUSR1, SI_KERNEL), EPERM);
    CHECK_FAILS(queue(NOBODY, SIGUSR1, SI_TKILL), EPERM);
    CHECK_FAILS(queue_to_thread(self, NOBODY, SIGUSR1, SI_USER), EPERM);
    CHECK_FAILS(queue_to_thread(self, NOBODY, SIGUSR1, SI_QUEUE), ESRCH);
    CHECK_FAILS(queue_to_thread(NOBODY, self, SIGUSR1, SI_QUEUE), ESRCH);
    CHECK_FAILS(queue_to_thread(0, self, SIGUSR1, SI_QUEUE), EINVAL);
    CHECK_FAILS(queue_to_thread(self, 0, SIGUSR1, SI_USER), EINVAL);
    CHECK_FAILS(queue_to_thread(-1, self, SIGUSR1, SI_QUEUE), EINVAL);
    CHECK_FAILS(queue(self, 65, SI_QUEUE), EINVAL);
    CHECK_FAILS(queue(self, -1, SI_QUEUE), EINVAL);
    CHECK_EQUAL(queue(self, 0, SI_QUEUE), 0); /* there is such a process */
    CHECK_EQUAL(queue_to_thread(self, self, 0, SI_QUEUE), 0);
    CHECK_EQUAL(calls, 1);
}

/* Even within the process the sender is a thread, and the process not its number. */
static void *claim_elsewhere(void *argument) {
    int self = gettid_now();

    CHECK_FAILS(queue(getpid(), SIGUSR1, SI_USER), EPERM);
    CHECK_EQUAL(queue(getpid(), SIGUSR1, SI_QUEUE), 0);
    CHECK_FAILS(queue_to_thread(getpid(), getpid(), SIGUSR1, SI_TKILL), EPERM);
    CHECK_EQUAL(queue_to_thread(getpid(), getpid(), SIGUSR1, SI_QUEUE), 0);
    CHECK_EQUAL(queue_to_thread(getpid(), self, SIGUSR1, SI_USER), 0);
    return argument;
}

static void test_claims_of_a_thread(void) {
    calls = 0;
    finish(start(claim_elsewhere, NULL));
    CHECK(await(&calls, 3));
}

/* Each takes back what is pending of the other. */
static void test_stop_and_go(void) {
    static const int stops[] = {SIGTSTP, SIGTTIN, SIGTTOU};
    sigset_t all, old;

    sigfillset(&all);
    for (size_t i = 0; i < LENGTH(stops); i++) {
        handle(stops[i], 0);
        handle(SIGCONT, 0);
        sigprocmask(SIG_SETMASK, &all, &old);
        calls = 0;
        CHECK_EQUAL(raise(stops[i]), 0);
        CHECK_EQUAL(kill(getpid(), stops[i]), 0);
        CHECK(is_pending(stops[i]));
        CHECK_EQUAL(kill(getpid(), SIGCONT), 0);
        CHECK(!is_pending(stops[i]) && is_pending(SIGCONT));
        CHECK_EQUAL(raise(stops[i]), 0);
        CHECK(is_pending(stops[i]) && !is_pending(SIGCONT));
        sigprocmask(SIG_SETMASK, &old, NULL);
        CHECK(calls == 1 && seen.si_signo == stops[i]);
        signal(stops[i], SIG_IGN);
        signal(SIGCONT, SIG_DFL);
    }
}

/* SIGKILL and SIGSTOP are waited for in vain; a set of nothing else is an empty set. */
static void test_never_waited_for(void) {
    struct timespec zero = {0};
    sigset_t set = set_of(SIGKILL), all;
    siginfo_t info;

    sigaddset(&set, SIGSTOP);
    CHECK_FAILS(sigtimedwait(&set, &info, &zero), EAGAIN);
    sigfillset(&all);
    CHECK_FAILS(sigtimedwait(&all, NULL, &zero), EAGAIN);
    CHECK_FAILS(sigsuspend((sigset_t *)-4096l), EFAULT);
}

/* One that is not blocked can be waited for as well, if it is pending for nobody else. */
static void test_unblocked_wait(void) {
    struct timespec soon = {.tv_nsec = 1000000};
    sigset_t set = set_of(SIGUSR2), old;

    handle(SIGUSR2, 0);
    calls = 0;
    sigprocmask(SIG_BLOCK, &set, &old);
    raise(SIGUSR2);
    CHECK_EQUAL(sigtimedwait(&set, NULL, &soon), SIGUSR2);
    sigprocmask(SIG_SETMASK, &old, NULL);
    CHECK_FAILS(sigtimedwait(&set, NULL, &soon), EAGAIN);
    raise(SIGUSR2);
    CHECK_EQUAL(calls, 1);
}

/* As the kernel has it: what it does not know it does not keep. */
static void test_unknown_flags(void) {
    struct {
        void *handler;
        unsigned long flags;
        void *restorer;
        unsigned long mask;
    } action = {SIG_IGN, 0, NULL, ~0ul}, got;

    action.flags = 0x400 /* SA_UNSUPPORTED */ | 0x10000 | SA_RESTART;
    CHECK_EQUAL(syscall(SYS_rt_sigaction, SIGUSR1, &action, NULL, 8), 0);
    CHECK_EQUAL(syscall(SYS_rt_sigaction, SIGUSR1, NULL, &got, 8), 0);
    CHECK_EQUAL(got.flags & ~0x04000000ul, SA_RESTART);
    CHECK_EQUAL(got.mask, ~(1ul << (SIGKILL - 1) | 1ul << (SIGSTOP - 1)));
    CHECK_FAILS(syscall(SYS_rt_sigaction, SIGSTOP, &action, NULL, 8), EINVAL);
    CHECK_EQUAL(syscall(SYS_rt_sigaction, SIGSTOP, NULL, &got, 8), 0);
    CHECK(got.handler == SIG_DFL);
}

/* A pending set may be asked for in part; a stack may be said to be in use. */
static void test_odd_values(void) {
    static char space[16384];
    stack_t stack = {.ss_sp = space, .ss_size = sizeof space, .ss_flags = SS_ONSTACK}, now;
    stack_t off = {.ss_flags = SS_DISABLE, .ss_size = 1};
    unsigned char bytes[8];

    memset(bytes, 0x55, sizeof bytes);
    CHECK_EQUAL(syscall(SYS_rt_sigpending, bytes, 2), 0);
    CHECK(bytes[0] == 0 && bytes[1] == 0 && bytes[2] == 0x55);
    CHECK_EQUAL(syscall(SYS_rt_sigpending, bytes, 0), 0);
    CHECK_EQUAL(syscall(SYS_sigaltstack, &stack, NULL), 0); /* musl refuses it */
    CHECK_EQUAL(sigaltstack(NULL, &now), 0);
    CHECK(now.ss_sp == space && now.ss_size == sizeof space && now.ss_flags == 0);
    stack.ss_flags = SS_ONSTACK | SS_DISABLE;
    CHECK_FAILS(syscall(SYS_sigaltstack, &stack, NULL), EINVAL);
    CHECK_EQUAL(sigaltstack(&off, NULL), 0); /* size and address do not count */
    CHECK_EQUAL(sigaltstack(NULL, &now), 0);
    CHECK_EQUAL(now.ss_flags, SS_DISABLE);
}

int main(void) {
    RUN(test_claims);
    RUN(test_claims_of_a_thread);
    RUN(test_stop_and_go);
    RUN(test_never_waited_for);
    RUN(test_unblocked_wait);
    RUN(test_unknown_flags);
    RUN(test_odd_values);
    return checks_end();
}
