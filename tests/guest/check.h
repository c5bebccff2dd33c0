/* SPDX-License-Identifier: MIT */
/*
 * Checks for test programs, from any thread. A check that fails prints where and what, and
 * the program goes on; checks_end prints the count that the runner looks for
 * (`// stdout-from: checks`), so a program that ends early does not pass.
 */
#ifndef ATMAN_TESTS_CHECK_H
#define ATMAN_TESTS_CHECK_H

#include <errno.h>
#include <stdio.h>
#include <string.h>

static unsigned checks_made, checks_failed;

static inline int check_at(int ok, int line, const char *text) {
    __atomic_fetch_add(&checks_made, 1, __ATOMIC_RELAXED);
    if (!ok) {
        __atomic_fetch_add(&checks_failed, 1, __ATOMIC_RELAXED);
        printf("line %d: %s\n", line, text);
        fflush(stdout); /* it may crash next */
    }
    return ok;
}

static inline int check_equal_at(long got, long wanted, int line, const char *text) {
    if (!check_at(got == wanted, line, text))
        printf("    got %ld (0x%lx), expected %ld (0x%lx)\n", got, got, wanted, wanted);
    return got == wanted;
}

/* CHECK(x): x is true. CHECK_EQUAL(got, wanted): two numbers or pointers are the same. */
#define CHECK(x) check_at(!!(x), __LINE__, #x)
#define CHECK_EQUAL(got, wanted)                                                           \
    check_equal_at((long)(got), (long)(wanted), __LINE__, #got " == " #wanted)

/* The call returns -1 (as a pointer, MAP_FAILED) and sets errno to wanted. */
#define CHECK_FAILS(call, wanted)                                                          \
    do {                                                                                   \
        errno = 0;                                                                         \
        long result_ = (long)(call);                                                       \
        int errno_ = errno;                                                                \
        if (check_equal_at(result_, -1, __LINE__, #call " fails"))                         \
            check_equal_at(errno_, wanted, __LINE__, #call " sets errno to " #wanted);     \
    } while (0)

/* Prints the count; the value for main to return. */
static inline int checks_end(void) {
    printf("%u checks, %u failed\n", checks_made, checks_failed);
    return checks_failed != 0;
}

#endif
