/* SPDX-License-Identifier: MIT */
/*
 * FUTEX_WAKE_OP: each operation and each comparison, with what they leave in the second
 * word and whom they wake.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include "futex/futex.h"

#include <sys/mman.h>

static volatile int first = 1, second;

static long wake_op(int op) {
    return futex(&first, FUTEX_WAKE_OP | FUTEX_PRIVATE, 9, (void *)9l, &second, op);
}

static void test_operations(void) {
    static const struct {
        int op, operand, before, after;
    } cases[] = {
        {OP_SET, 5, 7, 5},
        {OP_SET, -1, 7, -1},
        {OP_SET, 2047, 0, 2047},
        {OP_SET, -2048, 0, -2048},
        {OP_ADD, 5, 7, 12},
        {OP_ADD, -8, 7, -1},
        {OP_ADD, 1, 0x7fffffff, (int)0x80000000},
        {OP_OR, 0x30, 0x41, 0x71},
        {OP_ANDN, 0x11, 0x33, 0x22},
        {OP_ANDN, -1, 0x33, 0},
        {OP_XOR, 0x11, 0x33, 0x22},
        {OP_SET | OP_SHIFTED, 31, 7, (int)0x80000000},
        {OP_SET | OP_SHIFTED, 0, 7, 1},
        {OP_ADD | OP_SHIFTED, 4, 1, 17},
        {OP_OR | OP_SHIFTED, 20, 1, 0x100001},
        {OP_ANDN | OP_SHIFTED, 31, -1, 0x7fffffff},
        {OP_XOR | OP_SHIFTED, 8, 0xfff, 0xeff},
    };

    for (size_t i = 0; i < LENGTH(cases); i++) {
        store(&second, cases[i].before);
        CHECK_EQUAL(wake_op(WAKE_OP(cases[i].op, cases[i].operand, CMP_EQ, 0)), 0);
        if (!CHECK_EQUAL(second, cases[i].after))
            printf("    in case %zu\n", i);
    }
}

/* The comparison is of the old value, signed. */
static void test_comparisons(void) {
    static const struct {
        int old, cmp, comparand, holds;
    } cases[] = {
        {3, CMP_EQ, 3, 1},  {3, CMP_EQ, 4, 0},  {-1, CMP_EQ, -1, 1}, {3, CMP_NE, 3, 0},
        {3, CMP_NE, 4, 1},  {3, CMP_LT, 4, 1},  {3, CMP_LT, 3, 0},   {-5, CMP_LT, -4, 1},
        {-5, CMP_LT, 0, 1}, {3, CMP_LE, 3, 1},  {4, CMP_LE, 3, 0},   {3, CMP_GT, 2, 1},
        {3, CMP_GT, 3, 0},  {1, CMP_GT, -1, 1}, {3, CMP_GE, 3, 1},   {2, CMP_GE, 3, 0},
        {0, CMP_GE, -5, 1},
    };

    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct sleeper one, two;
        int op = WAKE_OP(OP_SET, 77, cases[i].cmp, cases[i].comparand);

        store(&second, cases[i].old);
        sleepers_start(&one, 1, (struct sleeper){.word = &first, .value = 1});
        sleepers_start(&two, 1, (struct sleeper){.word = &second, .value = cases[i].old});
        if (!CHECK_EQUAL(wake_op(op), 1 + cases[i].holds))
            printf("    in case %zu\n", i);
        finish(one.thread);
        CHECK_EQUAL(second, 77);
        CHECK_EQUAL(futex_wake(&second, 9), !cases[i].holds);
        finish(two.thread);
    }
}

/* The two counts limit the two places. */
static void test_counts(void) {
    struct sleeper one[4], two[4];
    int op = WAKE_OP(OP_ADD, 1, CMP_EQ, 2);

    store(&second, 2);
    sleepers_start(one, 4, (struct sleeper){.word = &first, .value = 1});
    sleepers_start(two, 4, (struct sleeper){.word = &second, .value = 2});
    CHECK_EQUAL(futex(&first, FUTEX_WAKE_OP | FUTEX_PRIVATE, 1, (void *)2l, &second, op),
                3);
    CHECK(await(&one[0].done, 1) && await(&two[0].done, 1) && await(&two[1].done, 1));
    sleep_ms(3);
    CHECK(sleepers_done(one, 4) == 1 && sleepers_done(two, 4) == 2);
    CHECK(futex_wake(&first, 9) == 3 && futex_wake(&second, 9) == 2);
    sleepers_finish(one, 4);
    sleepers_finish(two, 4);
}

static void *count(void *argument) {
    for (int i = 0; i < 2000; i++)
        wake_op(WAKE_OP(OP_ADD, 1, CMP_EQ, -1));
    return argument;
}

/* It is one atomic step, beside itself and beside the program's own. */
static void test_atomic(void) {
    pthread_t threads[4];

    store(&second, 0);
    for (int i = 0; i < 4; i++)
        threads[i] = start(count, NULL);
    for (int i = 0; i < 2000; i++)
        add(&second, 1);
    for (int i = 0; i < 4; i++)
        finish(threads[i]);
    CHECK_EQUAL(second, 10000);
}

static void test_wrong(void) {
    int *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const int op = WAKE_OP(OP_SET, 0, CMP_EQ, 0);
    const int call = FUTEX_WAKE_OP | FUTEX_PRIVATE;

    CHECK_FAILS(futex(&first, call, 1, (void *)1l, NULL, op), EFAULT);
    CHECK_FAILS(futex(&first, call, 1, (void *)1l, (int *)-4096, op), EFAULT);
    CHECK_FAILS(futex(&first, call, 1, (void *)1l, page, op), EFAULT);
    CHECK_FAILS(futex(&first, call, 1, (void *)1l, (char *)&second + 1, op), EINVAL);
    CHECK_FAILS(futex((char *)&first + 3, call, 1, (void *)1l, &second, op), EINVAL);
    for (int bad = 5; bad < 8; bad++)
        CHECK_FAILS(wake_op(WAKE_OP(bad, 0, CMP_EQ, 0)), ENOSYS);
    for (int bad = 6; bad < 16; bad++)
        CHECK_FAILS(wake_op(WAKE_OP(OP_ADD, 0, bad, 0)), ENOSYS);
    munmap(page, 4096);
}

int main(void) {
    RUN(test_operations);
    RUN(test_comparisons);
    RUN(test_counts);
    RUN(test_atomic);
    RUN(test_wrong);
    return checks_end();
}
