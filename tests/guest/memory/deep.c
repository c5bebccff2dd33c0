/* SPDX-License-Identifier: MIT */
/*
 * Stacks are as large as they say: the main thread's 8 MiB, a thread's what its attributes
 * ask for; used from the top down or at the far end first. Beyond the end is SIGSEGV, taken
 * on the alternate stack, again and again, in every thread.
 */
// native: -pthread -fno-stack-protector -Wno-infinite-recursion
// flags: -fno-stack-protector -Wno-infinite-recursion
// stdout-from: checks
// vcpus: 1 2 4
// case: 64 MiB
// memory: 64M
// case: 24 MiB
// memory: 24M
#define _GNU_SOURCE
#include <alloca.h>
#include <setjmp.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "check.h"
#include "handlers.h"

enum { KIB = 1024, MIB = 1024 * KIB, ALTERNATE = 64 * KIB, MAIN = 8 * MIB };

static _Thread_local sigjmp_buf back;
static _Thread_local siginfo_t info;
static _Thread_local char *volatile deepest;
static _Thread_local int on_alternate;
static _Thread_local char *alternate;

/* At least size bytes of stack, each page written on the way and looked at on the way back.
 */
__attribute__((noinline)) static long dig(long size) {
    volatile char here[2000];

    for (int i = 0; i < 2000; i += 400)
        here[i] = (char)size;
    deepest = (char *)here;
    long below = size > 2000 ? dig(size - 2000) : 0;
    for (int i = 0; i < 2000; i += 400)
        if (here[i] != (char)size)
            return -1000000;
    return below + 1;
}

__attribute__((noinline)) static int use_at_once(size_t size) {
    volatile char *p = alloca(size);

    p[0] = 1; /* the far end first */
    p[size / 2] = 2;
    p[size - 1] = 3;
    return p[0] + p[size / 2] + p[size - 1];
}

static void overflow_handler(int signal, siginfo_t *given, void *context) {
    char *here = __builtin_frame_address(0);

    (void)context;
    info = *given;
    on_alternate = here > alternate && here <= alternate + ALTERNATE;
    siglongjmp(back, signal);
}

__attribute__((noinline)) static long endless(volatile long *above) {
    volatile long here[8] = {0};

    deepest = (char *)here;
    here[1] = endless(here) + *above;
    return here[1];
}

static void test_overflow(int times, size_t expected) {
    stack_t s = {.ss_sp = alternate = malloc(ALTERNATE), .ss_size = ALTERNATE};
    stack_t off = {.ss_flags = SS_DISABLE};
    volatile long zero = 0;

    CHECK_EQUAL(sigaltstack(&s, NULL), 0);
    for (volatile int i = 0; i < times; i++) {
        int got = sigsetjmp(back, 1);
        if (!got)
            endless(&zero);
        CHECK_EQUAL(got, SIGSEGV);
        CHECK(on_alternate);
        CHECK(info.si_code == SEGV_MAPERR || info.si_code == SEGV_ACCERR);
        CHECK((char *)info.si_addr < deepest && (char *)info.si_addr >= deepest - 4096);
        size_t used = (size_t)((char *)&zero - deepest);
        if (!CHECK(used <= expected + 64 * KIB && used >= expected - 128 * KIB))
            printf("    %zu bytes of %zu used\n", used, expected);
    }
    CHECK_EQUAL(sigaltstack(&off, NULL), 0);
    free(alternate);
}

static void *run(void *argument) {
    size_t size = *(size_t *)argument;
    char *top = __builtin_frame_address(0);

    CHECK_EQUAL(use_at_once(size - 12 * KIB), 6);
    long wanted = (long)(size - size / 4) / 2100 * 2000; /* with what a frame costs */
    CHECK(dig(wanted) >= wanted / 2000);
    CHECK(top - deepest > wanted);
    test_overflow(3, size);
    return argument;
}

static void test_threads(void) {
    static size_t sizes[] = {128 * KIB, 192 * KIB, MIB, 4 * MIB};

    for (int round = 0; round < 2; round++) {
        pthread_t threads[4];
        for (int i = 0; i < 4; i++) {
            pthread_attr_t a;
            pthread_attr_init(&a);
            CHECK_EQUAL(pthread_attr_setstacksize(&a, sizes[i]), 0);
            CHECK_EQUAL(pthread_create(&threads[i], &a, run, &sizes[i]), 0);
        }
        for (int i = 0; i < 4; i++)
            CHECK_EQUAL(pthread_join(threads[i], NULL), 0);
    }
}

int main(void) {
    struct rlimit limit;

    handle(SIGSEGV, overflow_handler, SA_ONSTACK);
    CHECK_EQUAL(getrlimit(RLIMIT_STACK, &limit), 0);
    CHECK_EQUAL(limit.rlim_cur, MAIN);
    CHECK_EQUAL(use_at_once(MAIN - 200 * KIB), 6);
    CHECK(dig(7 * MIB) >= 7 * MIB / 2000);
    test_overflow(5, MAIN);
    CHECK(dig(7 * MIB) >= 7 * MIB / 2000);
    test_threads();
    return checks_end();
}
