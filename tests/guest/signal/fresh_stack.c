/* SPDX-License-Identifier: MIT */
/*
 * Handlers on stacks whose pages were never touched, or were given back: the frame brings
 * them into being, for a signal sent, a trap and a timer's. Where a frame cannot be, there
 * is SIGSEGV (defaults.c); a stack of the smallest size is enough.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include <setjmp.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <ucontext.h>

#include "check.h"
#include "handlers.h"

enum { SIZE = 256 << 10 };

static volatile int calls;
static char *alternate;
static sigjmp_buf back;

static void count(int signal, siginfo_t *info, void *context) {
    volatile char mine[20000];
    char *here = __builtin_frame_address(0);

    (void)info;
    mine[0] = mine[10000] = 1;
    calls++;
    CHECK(here > alternate && here <= alternate + SIZE);
    if (signal == SIGILL)
        ((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] += 2;
}

static void leave(int signal, siginfo_t *info, void *context) {
    count(signal, info, context);
    siglongjmp(back, 1);
}

static void use_fresh(void) {
    alternate =
        mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    stack_t s = {.ss_sp = alternate, .ss_size = SIZE};
    CHECK(alternate != MAP_FAILED && sigaltstack(&s, NULL) == 0);
}

static void give_back(void) {
    stack_t off = {.ss_flags = SS_DISABLE};

    CHECK(sigaltstack(&off, NULL) == 0 && munmap(alternate, SIZE) == 0);
}

static void test_alternate(void) {
    struct itimerval soon = {{0, 0}, {0, 1000}};

    handle(SIGUSR1, count, SA_ONSTACK);
    handle(SIGILL, count, SA_ONSTACK);
    handle(SIGALRM, count, SA_ONSTACK);
    handle(SIGSEGV, leave, SA_ONSTACK);
    for (int round = 0; round < 10; round++) {
        calls = 0;
        use_fresh();
        raise(SIGUSR1);
        CHECK_EQUAL(calls, 1);
        CHECK_EQUAL(madvise(alternate, SIZE, MADV_DONTNEED), 0);
        __asm__ volatile("ud2");
        CHECK_EQUAL(calls, 2);
        give_back();
        use_fresh();
        if (!sigsetjmp(back, 1))
            **(volatile char *volatile *)(void *)alternate = 1; /* zero: a null pointer */
        CHECK_EQUAL(calls, 3);
        CHECK_EQUAL(madvise(alternate, SIZE, MADV_DONTNEED), 0);
        CHECK_EQUAL(setitimer(ITIMER_REAL, &soon, NULL), 0);
        while (calls < 4)
            ;
        give_back();
    }
}

/* On the thread's own stack, further down than it ever was. */
__attribute__((noinline)) static void raise_below(size_t distance) {
    volatile char *p = __builtin_alloca(distance);

    p[0] = 0; /* the frame will be below this */
    alternate = (char *)p - SIZE;
    raise(SIGUSR1);
    __asm__ volatile("ud2");
}

static void *run(void *argument) {
    for (size_t distance = 30000; distance < 400000; distance += 23456)
        raise_below(distance);
    return argument;
}

static void test_own(void) {
    pthread_t thread;
    pthread_attr_t attributes;

    handle(SIGUSR1, count, 0);
    handle(SIGILL, count, 0);
    calls = 0;
    run(NULL);
    CHECK_EQUAL(calls, 32);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 1 << 20);
    CHECK_EQUAL(pthread_create(&thread, &attributes, run, NULL), 0);
    CHECK_EQUAL(pthread_join(thread, NULL), 0);
    CHECK_EQUAL(calls, 64);
}

int main(void) {
    test_alternate();
    test_own();
    return checks_end();
}
