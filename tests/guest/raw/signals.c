/* SPDX-License-Identifier: MIT */
/*
 * Signals and the `syscall` instruction: a handler finds the program as if the call had
 * ended or not begun, on the program's stack; may leave it for good; and what it interrupts
 * is EINTR or begins anew, as the call is one or the other.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include "raw/raw.h"

#include <setjmp.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "signal/disturb.h"

enum { WAIT = 0, WAKE = 1, LOCK_PI = 6, UNLOCK_PI = 7, PRIVATE = 128 };

static struct {
    unsigned long rip, rsp, rax;
} interrupted;

static void note(int signal, siginfo_t *info, void *context) {
    const greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;

    (void)signal, (void)info;
    if (!calls) {
        interrupted.rip = (unsigned long)r[REG_RIP];
        interrupted.rsp = (unsigned long)r[REG_RSP];
        interrupted.rax = (unsigned long)r[REG_RAX];
    }
    RAW(SYS_getpid); /* one within the other */
    calls++;
}

static struct {
    unsigned long after, rsp;
} call;

/* As RAW, with notes of where it is. */
static __attribute__((noinline)) long marked(long n, const void *a, long b, long c,
                                             long d) {
    register long r10 __asm__("r10") = d;
    long result;

    __asm__ volatile("mov %%rsp, 8+%1\n"
                     "lea 1f(%%rip), %%rcx\n mov %%rcx, %1\n"
                     "syscall\n 1:"
                     : "=a"(result), "+m"(call)
                     : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10)
                     : "rcx", "r11", "memory");
    return result;
}

/* A handler may run before the instruction: it is asked about one that runs in the wait. */
static int is_in_call(void) {
    return interrupted.rip == call.after || interrupted.rip == call.after - 2;
}

static void test_context(int flags) {
    struct timespec hour = {3600, 0};
    pthread_t thread = begin(note, flags);

    for (int tries = 0; tries < 100; tries++) {
        CHECK_EQUAL(marked(SYS_nanosleep, &hour, 0, 0, 0), -EINTR);
        CHECK(calls >= 1);
        if (is_in_call() && interrupted.rax == -(unsigned long)EINTR)
            break;
        calls = 0;
    }
    CHECK_EQUAL(interrupted.rip, call.after);
    CHECK_EQUAL(interrupted.rsp, call.rsp);
    CHECK_EQUAL(interrupted.rax, -EINTR);
    end(thread);
}

static volatile int word;

static void *wake_late(void *argument) {
    while (calls < 5)
        sleep_ns(MILLISECOND);
    word = 1;
    RAW(SYS_futex, &word, WAKE | PRIVATE, 1);
    return argument;
}

/* futex's wait without a limit begins anew, with one it is over. */
static void test_futex(void) {
    struct timespec hour = {3600, 0};
    pthread_t waker, thread = begin(note, SA_RESTART);

    word = 0;
    CHECK_EQUAL(pthread_create(&waker, NULL, wake_late, NULL), 0);
    long result = marked(SYS_futex, (void *)&word, WAIT | PRIVATE, 0, 0);
    CHECK(result == 0 || result == -EAGAIN); /* it may be about to wait again */
    CHECK(calls >= 5);
    CHECK_EQUAL(pthread_join(waker, NULL), 0);
    word = calls = 0;
    CHECK_EQUAL(marked(SYS_futex, (void *)&word, WAIT | PRIVATE, 0, (long)&hour), -EINTR);
    CHECK(calls >= 1);
    end(thread);
    thread = begin(note, 0);
    CHECK_EQUAL(marked(SYS_futex, (void *)&word, WAIT | PRIVATE, 0, 0), -EINTR);
    end(thread);
}

static void *hold(void *argument) {
    CHECK_EQUAL(RAW(SYS_futex, &word, LOCK_PI | PRIVATE, 0, 0), 0);
    *(volatile int *)argument = 1;
    while (calls < 5)
        sleep_ns(MILLISECOND);
    CHECK_EQUAL(RAW(SYS_futex, &word, UNLOCK_PI | PRIVATE, 0, 0), 0);
    return argument;
}

/* A lock is waited for in spite of handlers, which run meanwhile. */
static void test_lock(int flags) {
    volatile int held = 0;
    pthread_t holder;

    word = 0;
    pthread_t thread = begin(note, flags);
    CHECK_EQUAL(pthread_create(&holder, NULL, hold, (void *)&held), 0);
    CHECK(await(&held));
    CHECK_EQUAL(marked(SYS_futex, (void *)&word, LOCK_PI | PRIVATE, 0, 0), 0);
    CHECK(calls >= 5);
    CHECK_EQUAL(word & 0x3fffffff, RAW(SYS_gettid));
    CHECK_EQUAL(RAW(SYS_futex, &word, UNLOCK_PI | PRIVATE, 0, 0), 0);
    CHECK_EQUAL(pthread_join(holder, NULL), 0);
    end(thread);
}

/* The mask is the call's during the wait and the handler, and the thread's afterwards. */
static void test_suspend(void) {
    unsigned long none = 0;

    block(SIGUSR1);
    pthread_t thread = begin(note, SA_RESTART);
    for (int i = 0; i < 5; i++) {
        calls = 0;
        CHECK_EQUAL(RAW(SYS_rt_sigsuspend, &none, 8), -EINTR);
        CHECK_EQUAL(calls, 1);
        CHECK(is_blocked(SIGUSR1));
    }
    end(thread);
    unblock(SIGUSR1);
    thread = begin(note, SA_RESTART);
    CHECK_EQUAL(RAW(SYS_pause), -EINTR);
    end(thread);
}

/* What nobody handles does not end a wait. */
static void test_ignored(void) {
    struct timespec little = to_timespec(50 * MILLISECOND);
    pthread_t thread = begin(note, 0);

    CHECK(signal(SIGUSR1, SIG_IGN) != SIG_ERR);
    CHECK_EQUAL(RAW(SYS_nanosleep, &little, NULL), 0);
    end(thread);
}

static sigjmp_buf out;

static void jump(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)info, (void)context;
    siglongjmp(out, 1);
}

/* Out of a call, time and again: nothing of it stays behind. */
static void test_jump(void) {
    struct timespec hour = {3600, 0};
    volatile int jumps = 0;

    period_ms = 1;
    pthread_t thread = begin(jump, 0);
    if (sigsetjmp(out, 1))
        jumps++;
    if (jumps < 300) {
        RAW(SYS_nanosleep, &hour, NULL);
        CHECK(0);
    }
    handle(SIGUSR1, note, 0);
    end(thread);
    period_ms = 3;
}

static char stack[65536];
static volatile long set_result;
static volatile int on_stack;

static void change_stack(int signal, siginfo_t *info, void *context) {
    stack_t other = {.ss_sp = stack, .ss_size = sizeof stack}, now = {0};
    char here;

    (void)signal, (void)info, (void)context;
    on_stack = &here >= stack && &here < stack + sizeof stack;
    set_result = RAW(SYS_sigaltstack, &other, &now);
    RAW(SYS_sigaltstack, NULL, &now);
    if (now.ss_flags != SS_ONSTACK)
        on_stack = 0;
}

static void test_alternate_stack(void) {
    stack_t mine = {.ss_sp = stack, .ss_size = sizeof stack},
            off = {.ss_flags = SS_DISABLE};

    CHECK_EQUAL(RAW(SYS_sigaltstack, &mine, NULL), 0);
    handle(SIGUSR2, change_stack, SA_ONSTACK);
    CHECK_EQUAL(RAW(SYS_tgkill, getpid(), RAW(SYS_gettid), SIGUSR2), 0);
    CHECK_EQUAL(set_result, -EPERM);
    CHECK(on_stack);
    CHECK_EQUAL(RAW(SYS_sigaltstack, &off, NULL), 0);
}

static void *run(void *argument) {
    for (int flags = 0; flags <= SA_RESTART; flags += SA_RESTART) {
        test_context(flags);
        test_lock(flags);
    }
    test_futex();
    test_suspend();
    test_ignored();
    test_jump();
    test_alternate_stack();
    return argument;
}

int main(void) {
    pthread_t thread;

    period_ms = 3;
    run(NULL);
    CHECK_EQUAL(pthread_create(&thread, NULL, run, NULL), 0);
    CHECK_EQUAL(pthread_join(thread, NULL), 0);
    return checks_end();
}
