/* SPDX-License-Identifier: MIT */
/* mmap and munmap: what they promise, and the errors for what makes no sense. */
// native:
// stdout-from: checks
#define _GNU_SOURCE
#include "mapping.h"

#include <stdint.h>
#include <unistd.h>

#include "check.h"

static void test_zeroed(void) {
    for (int round = 0; round < 3; round++) {
        char *p = map(50, RW);

        CHECK(p != MAP_FAILED && (uintptr_t)p % PAGE == 0);
        CHECK(is_filled(p, 50 * PAGE, 0));
        memset(p, 0x5a, 50 * PAGE);
        CHECK(is_filled(p, 50 * PAGE, 0x5a));
        CHECK_EQUAL(munmap(p, 50 * PAGE), 0);
    }
    char *p = map(1, PROT_READ);
    CHECK(is_filled(p, PAGE, 0));
    CHECK_EQUAL(munmap(p, 1), 0); /* the whole page goes */
    CHECK_EQUAL(mmap(p, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0), p);
    CHECK_EQUAL(munmap(p, PAGE), 0);
}

static void test_wrong_arguments(void) {
    char *p = map(2, RW);

    CHECK_FAILS(mmap(NULL, 0, RW, ANON, -1, 0), EINVAL);
    CHECK_FAILS(mmap(NULL, PAGE, RW, MAP_ANONYMOUS, -1, 0), EINVAL);
    CHECK_FAILS(mmap(p + 1, PAGE, RW, ANON | MAP_FIXED, -1, 0), EINVAL);
    CHECK_FAILS(mmap(p + 1, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0), EINVAL);
    CHECK_FAILS(mmap(NULL, PAGE, RW, ANON, -1, 1), EINVAL);
    CHECK_FAILS(mmap(NULL, PAGE, RW, MAP_PRIVATE, -1, 0), EBADF);
    CHECK_FAILS(mmap(NULL, PAGE, RW, MAP_PRIVATE, 77, 0), EBADF);
    CHECK_FAILS(munmap(p, 0), EINVAL);
    CHECK_FAILS(munmap(p + 1, PAGE), EINVAL);
    CHECK_FAILS(munmap(p, SIZE_MAX), EINVAL);
    CHECK_FAILS(munmap(p, SIZE_MAX - PAGE + 1), EINVAL);
    CHECK_FAILS(munmap(p, 1ul << 47), EINVAL);
    CHECK_FAILS(munmap((void *)(1ul << 47), PAGE), EINVAL);
    CHECK(is_filled(p, 2 * PAGE, 0)); /* still there */
    munmap(p, 2 * PAGE);
}

static void test_huge(void) {
    static const size_t sizes[] = {1ul << 47,
                                   (1ul << 47) - PAGE,
                                   1ul << 62,
                                   PTRDIFF_MAX,
                                   (size_t)PTRDIFF_MAX + 1,
                                   SIZE_MAX - PAGE,
                                   SIZE_MAX - PAGE + 1,
                                   SIZE_MAX};

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        CHECK_FAILS(mmap(NULL, sizes[i], RW, ANON, -1, 0), ENOMEM);
        CHECK_FAILS(mmap(NULL, sizes[i], PROT_NONE, ANON, -1, 0), ENOMEM);
    }
    CHECK_FAILS(mmap((void *)(1ul << 47), PAGE, RW, ANON | MAP_FIXED, -1, 0), ENOMEM);
    CHECK_FAILS(mmap((void *)-PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0), ENOMEM);
    CHECK_FAILS(mmap((void *)(1ul << 63), PAGE, RW, ANON | MAP_FIXED, -1, 0), ENOMEM);
}

static void test_fixed(void) {
    char *p = map(8, RW);

    memset(p, 1, 8 * PAGE);
    CHECK_EQUAL(mmap(p + 2 * PAGE, 3 * PAGE, RW, ANON | MAP_FIXED, -1, 0), p + 2 * PAGE);
    CHECK(is_filled(p, 2 * PAGE, 1));
    CHECK(is_filled(p + 2 * PAGE, 3 * PAGE, 0));
    CHECK(is_filled(p + 5 * PAGE, 3 * PAGE, 1));
    /* other rights, and over the edge of what is there */
    CHECK_EQUAL(mmap(p + 7 * PAGE, PAGE, PROT_READ, ANON | MAP_FIXED, -1, 0), p + 7 * PAGE);
    CHECK(is_filled(p + 7 * PAGE, PAGE, 0));
    CHECK(is_filled(p + 5 * PAGE, 2 * PAGE, 1));
    CHECK_EQUAL(mmap(p, 8 * PAGE, RW, ANON | MAP_FIXED, -1, 0), p);
    CHECK(is_filled(p, 8 * PAGE, 0));
    munmap(p, 8 * PAGE);
}

static void test_no_replace(void) {
    char *p = find_free(4);
    const int flags = ANON | MAP_FIXED_NOREPLACE;

    CHECK_EQUAL(mmap(p + PAGE, PAGE, RW, flags, -1, 0), p + PAGE);
    p[PAGE] = 7;
    CHECK_FAILS(mmap(p + PAGE, PAGE, RW, flags, -1, 0), EEXIST);
    CHECK_FAILS(mmap(p, 4 * PAGE, RW, flags, -1, 0), EEXIST);
    CHECK_FAILS(mmap(p, 2 * PAGE, PROT_NONE, flags, -1, 0), EEXIST);
    CHECK_FAILS(mmap(p + PAGE, 2 * PAGE, RW, flags, -1, 0), EEXIST);
    CHECK_EQUAL(p[PAGE], 7);
    CHECK_EQUAL(mmap(p, PAGE, RW, flags, -1, 0), p);
    CHECK_EQUAL(mmap(p + 2 * PAGE, 2 * PAGE, RW, flags, -1, 0), p + 2 * PAGE);
    CHECK(is_filled(p, PAGE, 0) && is_filled(p + 2 * PAGE, 2 * PAGE, 0));
    CHECK_EQUAL(p[PAGE], 7);
    munmap(p, 4 * PAGE);
}

static void test_hint(void) {
    char *p = find_free(4);

    CHECK_EQUAL(mmap(p, 4 * PAGE, RW, ANON, -1, 0), p);
    p[0] = 1;
    char *q = mmap(p, 4 * PAGE, RW, ANON, -1, 0);
    CHECK(q != MAP_FAILED && (q >= p + 4 * PAGE || q + 4 * PAGE <= p));
    CHECK(p[0] == 1 && q[0] == 0);
    munmap(q, 4 * PAGE);
    q = mmap((void *)16, PAGE, RW, ANON, -1, 0); /* never page 0 */
    CHECK(q != MAP_FAILED && q);
    munmap(q, PAGE);
    munmap(p, 4 * PAGE);
}

static void test_unmap(void) {
    char *p = map(11, RW) + PAGE;

    munmap(p - PAGE, PAGE);
    munmap(p + 9 * PAGE, PAGE);
    for (int i = 0; i < 9; i++)
        memset(p + i * PAGE, i + 1, PAGE);
    CHECK_EQUAL(munmap(p + 3 * PAGE, 3 * PAGE), 0); /* the middle */
    CHECK(is_filled(p + 2 * PAGE, PAGE, 3) && is_filled(p + 6 * PAGE, PAGE, 7));
    CHECK_EQUAL(munmap(p + 3 * PAGE, 3 * PAGE), 0); /* nothing there: no error */
    CHECK_EQUAL(munmap(p + 2 * PAGE, 5 * PAGE), 0); /* with a hole in it */
    CHECK(is_filled(p + PAGE, PAGE, 2) && is_filled(p + 7 * PAGE, PAGE, 8));
    CHECK_EQUAL(mmap(p + 2 * PAGE, 5 * PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0),
                p + 2 * PAGE);
    CHECK(is_filled(p + 2 * PAGE, 5 * PAGE, 0));
    CHECK_EQUAL(munmap(p - PAGE, 11 * PAGE), 0);
    CHECK_EQUAL(munmap((void *)0x10000, PAGE), 0); /* where nothing ever was */
}

/* Reservations take no memory, however large, and become memory piece by piece. */
static void test_reservation(void) {
    const size_t size = 1ul << 40;
    char *p = mmap(NULL, size, PROT_NONE, ANON | MAP_NORESERVE, -1, 0);

    CHECK(p != MAP_FAILED);
    CHECK_EQUAL(mprotect(p, PAGE, RW), 0);
    CHECK_EQUAL(mprotect(p + size / 2, 2 * PAGE, RW), 0);
    CHECK_EQUAL(mprotect(p + size - PAGE, PAGE, RW), 0);
    CHECK(is_filled(p, PAGE, 0) && is_filled(p + size / 2, 2 * PAGE, 0));
    p[0] = p[size / 2] = p[size - 1] = 3;
    CHECK_EQUAL(p[0] + p[size / 2] + p[size - 1], 9);
    CHECK_EQUAL(madvise(p, size, MADV_DONTNEED), 0);
    CHECK_EQUAL(p[0] + p[size / 2] + p[size - 1], 0);
    CHECK_EQUAL(munmap(p, size), 0);
}

int main(void) {
    test_zeroed();
    test_wrong_arguments();
    test_huge();
    test_fixed();
    test_no_replace();
    test_hint();
    test_unmap();
    test_reservation();
    return checks_end();
}
