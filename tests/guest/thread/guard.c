/* SPDX-License-Identifier: MIT */
/*
 * A thread that overflows its stack meets the guard: SIGSEGV with the address, which a
 * handler on its alternate stack can leave; without one the program ends, and says so.
 */
// flags: -fno-stack-protector
// vcpus: 1 2 4
// case: handled
// stdout-from: checks
// case: not handled
// args: fatal
// exit: 139
// stderr-like: SIGSEGV
#define _GNU_SOURCE
#include "thread/thread.h"

#include <setjmp.h>
#include <signal.h>

enum { THREADS = 8, ROUNDS = 5, GUARD = 16384 };

static _Thread_local sigjmp_buf back;
static _Thread_local char *volatile fault;
static _Thread_local volatile int code;

static void on_fault(int number, siginfo_t *info, void *context) {
    char here;
    stack_t stack;

    (void)number, (void)context;
    fault = info->si_addr;
    code = info->si_code;
    sigaltstack(NULL, &stack);
    if (&here < (char *)stack.ss_sp || &here >= (char *)stack.ss_sp + stack.ss_size)
        _exit(1); /* it can hardly be here otherwise */
    siglongjmp(back, 1);
}

__attribute__((noinline)) static int recurse(volatile int *up) {
    volatile int frame[100];

    frame[0] = *up + 1;
    return frame[0] > 0 ? recurse(frame) + frame[0] : 0;
}

static void *overflow(void *argument) {
    volatile int depth = 0;
    stack_t stack = {.ss_sp = malloc(16384), .ss_size = 16384};
    pthread_attr_t mine;
    size_t size, guard;
    void *low;

    CHECK_EQUAL(pthread_getattr_np(pthread_self(), &mine), 0);
    CHECK_EQUAL(pthread_attr_getstack(&mine, &low, &size), 0);
    CHECK_EQUAL(pthread_attr_getguardsize(&mine, &guard), 0);
    if (!argument)
        CHECK_EQUAL(sigaltstack(&stack, NULL), 0);
    for (volatile int i = 0; i < ROUNDS; i++) {
        if (!sigsetjmp(back, 1)) {
            recurse(&depth);
            CHECK(!"reached");
        }
        /* glibc counts the guard as part of the stack */
        CHECK(fault >= (char *)low - guard && fault < (char *)low + guard);
        CHECK_EQUAL(code, SEGV_ACCERR);
    }
    stack.ss_flags = SS_DISABLE;
    CHECK_EQUAL(sigaltstack(&stack, NULL), 0);
    free(stack.ss_sp);
    return argument;
}

static void test_one_after_another(void) {
    for (int i = 0; i < 3; i++)
        finish(start(overflow, NULL));
}

static void test_at_once(void) {
    pthread_t threads[THREADS];

    for (int i = 0; i < THREADS; i++)
        threads[i] = start(overflow, NULL);
    for (int i = 0; i < THREADS; i++)
        finish(threads[i]);
}

static void test_large_guard(void) {
    pthread_attr_t attributes;

    pthread_attr_init(&attributes);
    pthread_attr_setguardsize(&attributes, GUARD);
    finish(start_with(&attributes, overflow, NULL));
}

/* The main thread's stack ends as well. */
static void test_main_thread(void) {
    volatile int depth = 0;
    static char space[16384];
    stack_t stack = {.ss_sp = space, .ss_size = sizeof space};

    CHECK_EQUAL(sigaltstack(&stack, NULL), 0);
    for (volatile int i = 0; i < ROUNDS; i++) {
        if (!sigsetjmp(back, 1))
            recurse(&depth);
        CHECK(fault < (char *)&depth);
    }
}

int main(int argc, char **argv) {
    struct sigaction action = {.sa_sigaction = on_fault,
                               .sa_flags = SA_SIGINFO | SA_ONSTACK};

    sigaction(SIGSEGV, &action, NULL);
    if (argc > 1) /* nowhere to run the handler */
        finish(start(overflow, argv[1]));
    RUN(test_one_after_another);
    RUN(test_at_once);
    RUN(test_large_guard);
    RUN(test_main_thread);
    return checks_end();
}
