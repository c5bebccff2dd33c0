/* SPDX-License-Identifier: MIT */
/* mprotect and madvise. That access is refused is crash/access.c's to test. */
// native:
// stdout-from: checks
#define _GNU_SOURCE
#include "mapping.h"

#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "check.h"

static void test_split_and_join(void) {
    char *p = map(8, RW);

    for (int i = 0; i < 8; i++)
        memset(p + i * PAGE, i + 1, PAGE);
    CHECK_EQUAL(mprotect(p + 2 * PAGE, PAGE, PROT_READ), 0);
    CHECK_EQUAL(mprotect(p + 4 * PAGE, 2 * PAGE, PROT_NONE), 0);
    p[0] = p[PAGE] = p[3 * PAGE] = p[7 * PAGE] = 9;
    CHECK(is_filled(p + 2 * PAGE, PAGE, 3));
    CHECK_EQUAL(mprotect(p, 8 * PAGE, RW), 0);
    CHECK(is_filled(p + 4 * PAGE, PAGE, 5) && is_filled(p + 5 * PAGE, PAGE, 6));
    memset(p, 1, 8 * PAGE);
    CHECK_EQUAL(mprotect(p, 8 * PAGE, PROT_READ), 0);
    CHECK(is_filled(p, 8 * PAGE, 1));
    munmap(p, 8 * PAGE);
}

static void test_none_keeps(void) {
    char *p = map(4, PROT_NONE);

    CHECK_EQUAL(mprotect(p, 2 * PAGE, RW), 0);
    CHECK(is_filled(p, 2 * PAGE, 0));
    memset(p, 4, 2 * PAGE);
    for (int round = 0; round < 3; round++) {
        CHECK_EQUAL(mprotect(p, 4 * PAGE, PROT_NONE), 0);
        CHECK_EQUAL(mprotect(p, 4 * PAGE, round % 2 ? PROT_READ : RW), 0);
        CHECK(is_filled(p, 2 * PAGE, 4) && is_filled(p + 2 * PAGE, 2 * PAGE, 0));
    }
    munmap(p, 4 * PAGE);
}

static void test_errors(void) {
    char *p = map(4, RW);

    memset(p, 2, 4 * PAGE);
    CHECK_FAILS(mprotect(p, PAGE, 0x40), EINVAL);
    /* only what grows can be changed up or down to where it ends */
    CHECK_FAILS(mprotect(p, PAGE, PROT_READ | PROT_GROWSDOWN), EINVAL);
    CHECK_FAILS(mprotect(p, PAGE, PROT_READ | PROT_GROWSUP), EINVAL);
    CHECK_FAILS(mprotect(p, PAGE, PROT_GROWSDOWN | PROT_GROWSUP), EINVAL);
    CHECK_EQUAL(mprotect(p, 0, PROT_NONE), 0);
    CHECK_FAILS(mprotect(p, SIZE_MAX - 2 * PAGE, RW), ENOMEM);
    CHECK_EQUAL(mprotect(p + PAGE, 1, PROT_READ), 0); /* one byte: its page */
    CHECK_EQUAL(mprotect(p + PAGE, PAGE, RW), 0);
    munmap(p + 2 * PAGE, PAGE);
    CHECK_FAILS(mprotect(p + 2 * PAGE, PAGE, RW), ENOMEM);
    CHECK_FAILS(mprotect(p, 4 * PAGE, RW), ENOMEM);
    CHECK(is_filled(p, 2 * PAGE, 2) && is_filled(p + 3 * PAGE, PAGE, 2));
    munmap(p, 4 * PAGE);
    CHECK_FAILS(mprotect(p, PAGE, PROT_READ), ENOMEM);
    CHECK_FAILS(mprotect((void *)0x10000, PAGE, PROT_READ), ENOMEM);
    CHECK_FAILS(mprotect((void *)(1ul << 47), PAGE, PROT_READ), ENOMEM);
}

/* The system call itself: a C library may round address and size before. */
static void test_system_call(void) {
    char *p = map(1, RW);

    CHECK_FAILS(syscall(SYS_mprotect, p + 1, PAGE, PROT_READ), EINVAL);
    CHECK_FAILS(syscall(SYS_mprotect, p, SIZE_MAX, PROT_READ), ENOMEM);
    CHECK_FAILS(syscall(SYS_madvise, p, SIZE_MAX, MADV_DONTNEED), EINVAL);
    p[0] = 1; /* nothing was changed */
    munmap(p, PAGE);
}

/* mov $VALUE, %eax; ret */
static void write_function(char *at, char value) {
    static const char code[] = {(char)0xb8, 0, 0, 0, 0, (char)0xc3};

    memcpy(at, code, sizeof code);
    at[1] = value;
}

static void test_execution(void) {
    char *p = map(4, RW);
    int (*function)(void) = (int (*)(void))(void *)(p + 2 * PAGE);

    for (char value = 40; value < 43; value++) {
        write_function(p + 2 * PAGE, value);
        CHECK_EQUAL(mprotect(p + 2 * PAGE, PAGE, PROT_READ | PROT_EXEC), 0);
        CHECK_EQUAL(function(), value);
        p[PAGE] = p[3 * PAGE] = value; /* its neighbours as before */
        CHECK_EQUAL(mprotect(p + 2 * PAGE, PAGE, RW), 0);
    }
    munmap(p, 4 * PAGE);
    p = mmap(NULL, PAGE, RW | PROT_EXEC, ANON, -1, 0);
    if (p != MAP_FAILED) {
        write_function(p, 50);
        CHECK_EQUAL(((int (*)(void))(void *)p)(), 50);
        munmap(p, PAGE);
    }
}

static char data[3 * PAGE] __attribute__((aligned(4096))) = {1, [2 * PAGE] = 3};

/* What a program does with its own data, as for a table that is ready. */
static void test_own_data(void) {
    CHECK_EQUAL(mprotect(data + PAGE, PAGE, PROT_READ), 0);
    data[0] = data[2 * PAGE] = 5;
    CHECK_EQUAL(data[PAGE], 0);
    CHECK_EQUAL(mprotect(data, sizeof data, PROT_NONE), 0);
    CHECK_EQUAL(mprotect(data, sizeof data, RW), 0);
    CHECK_EQUAL(data[0] + data[PAGE] + data[2 * PAGE], 10);
    memset(data, 6, sizeof data);
    CHECK(is_filled(data, sizeof data, 6));
}

static void test_discard(void) {
    char *p = map(6, RW);

    memset(p, 3, 6 * PAGE);
    CHECK_EQUAL(mprotect(p + 2 * PAGE, PAGE, PROT_READ), 0);
    CHECK_EQUAL(mprotect(p + 3 * PAGE, PAGE, PROT_NONE), 0);
    CHECK_EQUAL(madvise(p + PAGE, 4 * PAGE, MADV_DONTNEED), 0);
    CHECK_EQUAL(mprotect(p + 3 * PAGE, PAGE, PROT_READ), 0);
    CHECK(is_filled(p, PAGE, 3) && is_filled(p + PAGE, 4 * PAGE, 0) &&
          is_filled(p + 5 * PAGE, PAGE, 3));
    p[PAGE] = p[4 * PAGE] = 1;
    CHECK_EQUAL(madvise(p, 6 * PAGE, MADV_WILLNEED), 0);
    CHECK_EQUAL(madvise(p, 6 * PAGE, MADV_NORMAL), 0);
    CHECK_EQUAL(madvise(p, 6 * PAGE, MADV_RANDOM), 0);
    CHECK_EQUAL(madvise(p, 6 * PAGE, MADV_SEQUENTIAL), 0);
    CHECK_EQUAL(p[PAGE] + p[5 * PAGE], 4);
    CHECK_EQUAL(madvise(p, 2 * PAGE, MADV_FREE), 0);
    p[0] = 8;
    CHECK_EQUAL(p[0], 8);
    CHECK_EQUAL(madvise(p, 0, MADV_DONTNEED), 0);
    CHECK_FAILS(madvise(p + 1, PAGE, MADV_DONTNEED), EINVAL);
    CHECK_FAILS(madvise(p, PAGE, 12345), EINVAL);
    CHECK_FAILS(madvise(p, PAGE, -1), EINVAL);
    munmap(p + 3 * PAGE, PAGE);
    CHECK_FAILS(madvise(p, 6 * PAGE, MADV_DONTNEED), ENOMEM);
    CHECK_FAILS(madvise(p + 3 * PAGE, PAGE, MADV_WILLNEED), ENOMEM);
    munmap(p, 6 * PAGE);
}

int main(void) {
    test_split_and_join();
    test_none_keeps();
    test_errors();
    test_system_call();
    test_execution();
    test_own_data();
    test_discard();
    return checks_end();
}
