/* SPDX-License-Identifier: MIT */
/*
 * siglongjmp out of handlers, 10^4 times: of page faults, of signals sent to oneself, of a
 * timer's in the middle of computing, on the alternate stack and in several threads. No
 * stack is used up, no mask is left behind.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include <setjmp.h>
#include <sys/mman.h>
#include <sys/time.h>

#include "check.h"
#include "handlers.h"

enum { TIMES = 10000, THREADS = 4, STACK = 32768 };

static _Thread_local sigjmp_buf back;
static char *page;

static void leave(int signal, siginfo_t *info, void *context) {
    (void)context;
    siglongjmp(back, signal == SIGSEGV ? (int)((char *)info->si_addr - page) + 1 : signal);
}

static long fault_often(int times) {
    volatile long good = 0;

    for (volatile int i = 0; i < times; i++) {
        int got = sigsetjmp(back, 1);
        if (!got)
            page[i % 4096] = 1;
        good += got == i % 4096 + 1;
    }
    return good;
}

static void test_faults(void) {
    handle(SIGSEGV, leave, 0);
    CHECK_EQUAL(fault_often(TIMES), TIMES);
    CHECK(!is_blocked(SIGSEGV));
}

static void test_alternate_stack(void) {
    char *stack = malloc(STACK);
    stack_t s = {.ss_sp = stack, .ss_size = STACK}, now, off = {.ss_flags = SS_DISABLE};

    CHECK_EQUAL(sigaltstack(&s, NULL), 0);
    handle(SIGSEGV, leave, SA_ONSTACK);
    CHECK_EQUAL(fault_often(1000), 1000);
    CHECK_EQUAL(sigaltstack(NULL, &now), 0);
    CHECK_EQUAL(now.ss_flags, 0); /* left by the jump */
    CHECK_EQUAL(sigaltstack(&off, NULL), 0);
    free(stack);
}

static void test_sent(void) {
    volatile long good = 0;

    handle(SIGUSR1, leave, 0);
    for (volatile int i = 0; i < TIMES / 2; i++) {
        int got = sigsetjmp(back, 1);
        if (!got)
            raise(SIGUSR1);
        good += got == SIGUSR1;
    }
    CHECK_EQUAL(good, TIMES / 2);
}

/* Without the mask: SA_NODEFER needs none. */
static void test_no_mask(void) {
    volatile long good = 0;

    handle(SIGSEGV, leave, SA_NODEFER);
    for (volatile int i = 0; i < 1000; i++) {
        int got = sigsetjmp(back, 0);
        if (!got)
            page[0] = 1;
        good += got == 1;
    }
    CHECK_EQUAL(good, 1000);
    CHECK(!is_blocked(SIGSEGV));
}

/* A timer's signal leaves whatever it hits, be it computing or the middle of a call. */
static void test_timer(void) {
    struct itimerval every = {.it_interval.tv_usec = 1000, .it_value.tv_usec = 1000},
                     off = {0};
    volatile int jumps = 0;
    volatile unsigned long work = 0;

    handle(SIGALRM, leave, 0);
    if (sigsetjmp(back, 1))
        jumps++;
    if (jumps == 0)
        CHECK_EQUAL(setitimer(ITIMER_REAL, &every, NULL), 0);
    while (jumps < 100) {
        work++;
        if (jumps % 2) {
            struct timespec t;
            clock_gettime(CLOCK_MONOTONIC, &t);
            munmap(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                        0),
                   4096);
        }
    }
    setitimer(ITIMER_REAL, &off, NULL);
    CHECK(jumps >= 100);
    CHECK(!is_blocked(SIGALRM));
    sleep_ns(3 * MILLISECOND);
}

static void *run(void *argument) {
    (void)argument;
    return (void *)fault_often(TIMES / THREADS);
}

static void test_threads(void) {
    pthread_t threads[THREADS];

    handle(SIGSEGV, leave, 0);
    for (int i = 0; i < THREADS; i++)
        CHECK_EQUAL(pthread_create(&threads[i], NULL, run, NULL), 0);
    for (int i = 0; i < THREADS; i++) {
        void *result = NULL;
        CHECK_EQUAL(pthread_join(threads[i], &result), 0);
        CHECK_EQUAL(result, TIMES / THREADS);
    }
}

int main(void) {
    page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(page != MAP_FAILED);
    test_faults();
    test_alternate_stack();
    test_sent();
    test_no_mask();
    test_timer();
    test_threads();
    return checks_end();
}
