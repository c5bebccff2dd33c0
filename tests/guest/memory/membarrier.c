/* SPDX-License-Identifier: MIT */
/*
 * membarrier: what it says that it knows it does, in every thread; what it does not know,
 * and what was not registered, is refused.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include "thread/thread.h"

enum {
    QUERY = 0,
    GLOBAL = 1,
    GLOBAL_EXPEDITED = 2,
    REGISTER_GLOBAL_EXPEDITED = 4,
    PRIVATE_EXPEDITED = 8,
    REGISTER_PRIVATE_EXPEDITED = 16,
    EVERY = 31,
};

static long call(int command, unsigned flags) {
    return syscall(SYS_membarrier, command, flags, 0);
}

static void test_calls(void) {
    long known = call(QUERY, 0);

    CHECK_EQUAL(known & EVERY, EVERY);
    CHECK_FAILS(call(PRIVATE_EXPEDITED, 0), EPERM); /* not registered */
    CHECK_FAILS(call(QUERY, 1 << 5), EINVAL);
    CHECK_FAILS(call(GLOBAL, 1 << 5), EINVAL);
    CHECK_FAILS(call(REGISTER_PRIVATE_EXPEDITED, 1 << 5), EINVAL);
    CHECK_FAILS(call(-1, 0), EINVAL);
    CHECK_FAILS(call(3, 0), EINVAL); /* two at once */
    CHECK_FAILS(call(1 << 20, 0), EINVAL);
    CHECK_FAILS(call(PRIVATE_EXPEDITED, 0), EPERM);
    CHECK_EQUAL(call(GLOBAL, 0), 0);
    CHECK_EQUAL(call(GLOBAL_EXPEDITED, 0), 0);
    CHECK_EQUAL(call(REGISTER_GLOBAL_EXPEDITED, 0), 0);
    CHECK_EQUAL(call(GLOBAL_EXPEDITED, 0), 0);
    CHECK_EQUAL(call(REGISTER_PRIVATE_EXPEDITED, 0), 0);
    CHECK_EQUAL(call(REGISTER_PRIVATE_EXPEDITED, 0), 0);
    CHECK_EQUAL(call(PRIVATE_EXPEDITED, 0), 0);
}

/*
 * Each of two writes a word of its own and then looks at the other's. The quick one's two
 * accesses may change places in its processor; the slow one's barrier is for both, so one
 * of them must see the other.
 */
static volatile int mine, theirs, saw_theirs, round_begun, round_ended;

enum { ROUNDS = 200 };

static void *run_quick(void *argument) {
    for (int i = 1; i <= ROUNDS; i++) {
        for (int spins = 0; load(&round_begun) < i; spins++)
            if (spins > 100) /* at once, if it can be */
                sched_yield();
        __atomic_store_n(&mine, i, __ATOMIC_RELAXED);
        __asm__ volatile("" ::: "memory");
        __atomic_store_n(&saw_theirs, __atomic_load_n(&theirs, __ATOMIC_RELAXED) == i,
                         __ATOMIC_RELEASE);
        store(&round_ended, i);
    }
    return argument;
}

static void check_order(int command) {
    int missed = 0;

    store(&round_begun, 0);
    store(&round_ended, 0);
    mine = theirs = 0;
    pthread_t thread = start(run_quick, NULL);
    for (int i = 1; i <= ROUNDS; i++) {
        store(&round_begun, i);
        __atomic_store_n(&theirs, i, __ATOMIC_RELAXED);
        if (call(command, 0))
            missed++;
        int saw = __atomic_load_n(&mine, __ATOMIC_RELAXED) == i;
        while (load(&round_ended) < i)
            sched_yield();
        missed += !saw && !load(&saw_theirs);
    }
    finish(thread);
    CHECK_EQUAL(missed, 0);
}

static void test_private(void) {
    check_order(PRIVATE_EXPEDITED);
}

static void test_global(void) {
    check_order(GLOBAL_EXPEDITED);
}

static void *call_often(void *argument) {
    for (int i = 0; i < 50; i++)
        CHECK_EQUAL(call(i % 2 ? PRIVATE_EXPEDITED : GLOBAL_EXPEDITED, 0), 0);
    return argument;
}

static void test_at_once(void) {
    pthread_t threads[6];

    for (size_t i = 0; i < LENGTH(threads); i++)
        threads[i] = start(call_often, NULL);
    for (size_t i = 0; i < LENGTH(threads); i++)
        finish(threads[i]);
}

int main(void) {
    RUN(test_calls);
    RUN(test_private);
    RUN(test_global);
    RUN(test_at_once);
    return checks_end();
}
