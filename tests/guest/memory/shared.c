/* SPDX-License-Identifier: MIT */
/*
 * Shared anonymous memory: nobody shares it, but it is an object of its own, so that what
 * is only dropped from the mapping is still in it.
 */
// native:
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "memory/mapping.h"

#include "check.h"

enum { SHARED = MAP_SHARED | MAP_ANONYMOUS };

static char *map_shared(size_t pages) {
    char *p = mmap(NULL, pages * PAGE, RW, SHARED, -1, 0);

    CHECK(p != MAP_FAILED);
    return p;
}

static void test_discard(void) {
    char *p = map_shared(6);

    memset(p, 3, 6 * PAGE);
    CHECK_EQUAL(madvise(p + PAGE, 3 * PAGE, MADV_DONTNEED), 0);
    CHECK(is_filled(p, 6 * PAGE, 3)); /* it comes back from the object */
    CHECK_FAILS(madvise(p, PAGE, MADV_FREE), EINVAL);
    CHECK_FAILS(madvise(p, PAGE, MADV_WIPEONFORK), EINVAL);
    CHECK(is_filled(p, 6 * PAGE, 3));
    CHECK_EQUAL(madvise(p + PAGE, 3 * PAGE, MADV_REMOVE), 0); /* from the object, too */
    CHECK(is_filled(p, PAGE, 3) && is_filled(p + PAGE, 3 * PAGE, 0) &&
          is_filled(p + 4 * PAGE, 2 * PAGE, 3));
    munmap(p, 6 * PAGE);
    p = map(2, RW);
    CHECK_FAILS(madvise(p, PAGE, MADV_REMOVE), EINVAL); /* there is no object */
    munmap(p, 2 * PAGE);
}

/* Rights, cuts and moves, as for private memory. */
static void test_changes(void) {
    char *p = map_shared(8);

    for (int i = 0; i < 8; i++)
        memset(p + i * PAGE, i + 1, PAGE);
    CHECK_EQUAL(mprotect(p + 2 * PAGE, 2 * PAGE, PROT_NONE), 0);
    CHECK_EQUAL(mprotect(p + 2 * PAGE, 2 * PAGE, RW), 0);
    CHECK(is_filled(p + 2 * PAGE, PAGE, 3) && is_filled(p + 3 * PAGE, PAGE, 4));
    char *q = mremap(p, 3 * PAGE, 3 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
                     find_free(64) + 32 * PAGE);
    CHECK(q != MAP_FAILED && is_filled(q + 2 * PAGE, PAGE, 3) && is_filled(q, PAGE, 1));
    CHECK(is_filled(p + 3 * PAGE, PAGE, 4));
    CHECK_EQUAL(madvise(q, 3 * PAGE, MADV_DONTNEED), 0);
    CHECK(is_filled(q + PAGE, PAGE, 2));
    CHECK_EQUAL(msync(q, 3 * PAGE, MS_SYNC), 0);
    CHECK_EQUAL(msync(q, 3 * PAGE, MS_ASYNC | MS_INVALIDATE), 0);
    munmap(q, 3 * PAGE);
    munmap(p, 8 * PAGE);
}

/* Beside private memory, it is not one mapping with it. */
static void test_neighbours(void) {
    char *p = map(8, RW);

    CHECK_EQUAL(mmap(p + 2 * PAGE, 4 * PAGE, RW, SHARED | MAP_FIXED, -1, 0), p + 2 * PAGE);
    memset(p, 7, 8 * PAGE);
    CHECK_EQUAL(madvise(p, 8 * PAGE, MADV_DONTNEED), 0);
    CHECK(is_filled(p, 2 * PAGE, 0) && is_filled(p + 2 * PAGE, 4 * PAGE, 7) &&
          is_filled(p + 6 * PAGE, 2 * PAGE, 0));
    CHECK_FAILS(mremap(p, 8 * PAGE, 9 * PAGE, MREMAP_MAYMOVE), EFAULT);
    CHECK_EQUAL(munmap(p, 8 * PAGE), 0);
}

/* The kernel reads 8 bytes there. */
static long block(const char *mask) {
    return syscall(SYS_rt_sigprocmask, SIG_BLOCK, mask, NULL, 8);
}

/* One object, at two places; it stays as large as it was made. */
static void test_object(void) {
    char *p = map_shared(4);

    p[PAGE] = 1;
    char *q = mremap(p + PAGE, 0, 2 * PAGE, MREMAP_MAYMOVE);
    CHECK(q != MAP_FAILED && q != p + PAGE && q[0] == 1);
    q[PAGE] = 2;
    CHECK_EQUAL(p[2 * PAGE], 2);
    CHECK_EQUAL(munmap(p, 4 * PAGE), 0);
    CHECK_EQUAL(madvise(q, 2 * PAGE, MADV_DONTNEED), 0);
    CHECK(q[0] == 1 && q[PAGE] == 2);
    CHECK_EQUAL(munmap(q + PAGE, PAGE), 0);
    p = mremap(q, PAGE, 4 * PAGE, MREMAP_MAYMOVE); /* pages 1 to 4, of which 3 are there */
    CHECK(p != MAP_FAILED && p[0] == 1 && p[PAGE] == 2 && p[2 * PAGE] == 0);
    CHECK_EQUAL(block(p + 2 * PAGE), 0);
    CHECK_FAILS(block(p + 3 * PAGE), EFAULT);
    CHECK_EQUAL(madvise(p, 4 * PAGE, 22), -1); /* MADV_POPULATE_READ */
    CHECK_EQUAL(errno, EFAULT);
    munmap(p, 4 * PAGE);
    p = map(2, RW);
    CHECK_FAILS(mremap(p, 0, PAGE, MREMAP_MAYMOVE), EINVAL); /* private memory is not one */
    munmap(p, 2 * PAGE);
}

/* Many pages, that are made ahead of their touch; and given back. */
static void test_many(void) {
    enum { COUNT = 1500 };

    for (int round = 0; round < 20; round++) {
        char *p = map_shared(COUNT);
        for (size_t i = 0; i < COUNT; i++)
            p[i * PAGE] = (char)i;
        char *q = mremap(p, 0, COUNT * PAGE, MREMAP_MAYMOVE);
        for (size_t i = 0; i < COUNT; i++)
            if (!CHECK(q[i * PAGE] == (char)i && q[i * PAGE + 1] == 0))
                break;
        munmap(p, COUNT * PAGE);
        munmap(q, COUNT * PAGE);
    }
}

int main(void) {
    test_object();
    test_many();
    test_discard();
    test_changes();
    test_neighbours();
    return checks_end();
}
