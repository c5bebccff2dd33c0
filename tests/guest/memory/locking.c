/* SPDX-License-Identifier: MIT */
/*
 * Locked memory in all ways by which it comes to be: it is there at once or, where that was
 * asked for, at the first touch; it stays locked through mprotect and mremap; nobody may
 * take it away; and unlocked it is like any other.
 */
// native:
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include "memory/mapping.h"

#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "check.h"

#ifndef MCL_ONFAULT
#    define MCL_ONFAULT 4
#endif
enum { ON_FAULT = 1 }; /* MLOCK_ONFAULT */

static int count_resident(const char *p, size_t pages) {
    unsigned char there[64];
    int count = 0;

    memset(there, 0, sizeof there);
    CHECK_EQUAL(mincore((void *)p, pages * PAGE, there), 0);
    for (size_t i = 0; i < pages; i++)
        count += there[i] & 1;
    return count;
}

/* It cannot be taken away, whole or in part. */
static void check_locked_at(char *p, size_t pages, int line) {
    static const int advices[] = {MADV_DONTNEED, MADV_FREE, 20 /* COLD */,
                                  21 /* PAGEOUT */};

    memset(p, 5, pages * PAGE);
    for (size_t i = 0; i < sizeof advices / sizeof *advices; i++) {
        errno = 0;
        int result = madvise(p + (pages - 1) * PAGE, PAGE, advices[i]);
        if (!check_at(result == -1 && errno == EINVAL, line, "advice is refused"))
            printf("    advice %d: %d, errno %d\n", advices[i], result, errno);
    }
    check_equal_at(msync(p, pages * PAGE, MS_SYNC | MS_INVALIDATE), -1, line, "msync");
    check_equal_at(errno, EBUSY, line, "msync's errno");
    check_equal_at(msync(p, pages * PAGE, MS_SYNC), 0, line, "msync without more");
    check_at(is_filled(p, pages * PAGE, 5), line, "keeps its contents");
}
#define CHECK_LOCKED(p, pages) check_locked_at(p, pages, __LINE__)

static void check_free_at(char *p, size_t pages, int line) {
    memset(p, 5, pages * PAGE);
    check_equal_at(msync(p, pages * PAGE, MS_SYNC | MS_INVALIDATE), 0, line, "msync");
    check_equal_at(madvise(p, pages * PAGE, MADV_DONTNEED), 0, line, "madvise");
    check_at(is_filled(p, pages * PAGE, 0), line, "is given back");
}
#define CHECK_FREE(p, pages) check_free_at(p, pages, __LINE__)

static void test_at_once(void) {
    char *p = map(8, RW);

    CHECK_EQUAL(mlock(p + 2 * PAGE + 100, 2 * PAGE), 0); /* three pages, in part */
    CHECK_EQUAL(count_resident(p + 2 * PAGE, 3), 3);
    CHECK_LOCKED(p + 2 * PAGE, 3);
    CHECK_FREE(p, 2);
    CHECK_FREE(p + 5 * PAGE, 3);
    CHECK_EQUAL(munlock(p + 3 * PAGE, 1), 0);
    CHECK_FREE(p + 3 * PAGE, 1);
    CHECK_LOCKED(p + 2 * PAGE, 1);
    CHECK_LOCKED(p + 4 * PAGE, 1);
    CHECK_EQUAL(munlock(p, 8 * PAGE), 0);
    CHECK_FREE(p, 8);
    munmap(p, 8 * PAGE);
}

static void test_flag(void) {
    char *p = mmap(NULL, 4 * PAGE, RW, ANON | MAP_LOCKED, -1, 0);

    CHECK(p != MAP_FAILED);
    CHECK_EQUAL(count_resident(p, 4), 4);
    CHECK_LOCKED(p, 4);
    CHECK_EQUAL(munlock(p, 4 * PAGE), 0);
    CHECK_FREE(p, 4);
    munmap(p, 4 * PAGE);
}

static void test_at_touch(void) {
    char *p = map(6, RW);

    madvise(p, 6 * PAGE, MADV_NOHUGEPAGE);
    CHECK_EQUAL(syscall(SYS_mlock2, p, 6 * PAGE, ON_FAULT), 0);
    CHECK(count_resident(p, 6) < 6);
    CHECK_LOCKED(p, 6);
    CHECK_EQUAL(count_resident(p, 6), 6);
    CHECK_EQUAL(syscall(SYS_mlock2, p, 6 * PAGE, 0), 0);
    CHECK_EQUAL(munlock(p, 6 * PAGE), 0);
    CHECK_FREE(p, 6);
    munmap(p, 6 * PAGE);
}

static void test_kept(void) {
    char *p = map(8, RW);

    munmap(p + 6 * PAGE, 2 * PAGE);
    CHECK_EQUAL(mlock(p, 6 * PAGE), 0);
    memset(p, 4, 6 * PAGE);
    CHECK_EQUAL(mprotect(p, 3 * PAGE, PROT_READ), 0);
    CHECK_FAILS(madvise(p, PAGE, MADV_DONTNEED), EINVAL);
    CHECK_EQUAL(mprotect(p, 3 * PAGE, RW), 0);
    CHECK_LOCKED(p, 6);
    /* what it grows by is locked, and there */
    CHECK_EQUAL(mremap(p, 6 * PAGE, 7 * PAGE, 0), p);
    CHECK_EQUAL(count_resident(p, 7), 7);
    CHECK_LOCKED(p, 7);
    char *q = mremap(p, 7 * PAGE, 60 * PAGE, MREMAP_MAYMOVE);
    CHECK(q != MAP_FAILED);
    CHECK_EQUAL(count_resident(q, 60), 60);
    CHECK_LOCKED(q, 60);
    /* what takes its place is not */
    CHECK_EQUAL(mmap(q, 2 * PAGE, RW, ANON | MAP_FIXED, -1, 0), q);
    CHECK_FREE(q, 2);
    munmap(q, 60 * PAGE);
}

/* A guard in it: the rest all the same, and the error. */
static void test_without_rights(void) {
    char *p = map(4, RW);

    CHECK_EQUAL(mprotect(p + 2 * PAGE, PAGE, PROT_NONE), 0);
    CHECK_FAILS(mlock(p, 4 * PAGE), ENOMEM);
    CHECK_EQUAL(munlock(p, 4 * PAGE), 0);
    munmap(p, 4 * PAGE);
}

static void test_future(void) {
    char *before = map(4, RW);

    CHECK_FAILS(mlockall(MCL_ONFAULT), EINVAL);
    CHECK_FAILS(mlockall(8), EINVAL);
    CHECK_FAILS(mlockall(-1), EINVAL);
    CHECK_EQUAL(mlockall(MCL_FUTURE), 0);
    CHECK_FREE(before, 4); /* not the present */
    char *p = map(4, RW);
    CHECK_EQUAL(count_resident(p, 4), 4);
    CHECK_LOCKED(p, 4);
    char *none = map(4, PROT_NONE); /* costs nothing */
    CHECK(none != MAP_FAILED);
    CHECK_EQUAL(mlockall(MCL_FUTURE | MCL_ONFAULT), 0);
    char *lazy = mmap(NULL, 16 * PAGE, RW, ANON, -1, 0);
    madvise(lazy, 16 * PAGE, MADV_NOHUGEPAGE);
    CHECK(count_resident(lazy, 16) < 16);
    CHECK_LOCKED(lazy, 16);
    CHECK_EQUAL(munlockall(), 0);
    CHECK_FREE(p, 4);
    CHECK_FREE(lazy, 16);
    char *after = map(16, RW);
    madvise(after, 16 * PAGE, MADV_NOHUGEPAGE);
    CHECK(count_resident(after, 16) < 16);
    CHECK_FREE(after, 16);
    munmap(before, 4 * PAGE);
    munmap(p, 4 * PAGE);
    munmap(none, 4 * PAGE);
    munmap(lazy, 16 * PAGE);
    munmap(after, 16 * PAGE);
}

static void test_present(void) {
    char *p = map(4, RW);

    CHECK_EQUAL(mlockall(MCL_CURRENT | MCL_ONFAULT), 0);
    CHECK_LOCKED(p, 4);
    CHECK_EQUAL(munlockall(), 0);
    CHECK_FREE(p, 4);
    /* an unprivileged Linux process may have too little of a limit */
    int result = mlockall(MCL_CURRENT);
    CHECK(result == 0 || (errno == ENOMEM && getuid() != 0));
    if (result == 0) {
        CHECK_EQUAL(count_resident(p, 4), 4);
        CHECK_LOCKED(p, 4);
    }
    char *later = map(16, RW);
    madvise(later, 16 * PAGE, MADV_NOHUGEPAGE);
    CHECK_FREE(later, 16);
    CHECK_EQUAL(munlockall(), 0);
    munmap(p, 4 * PAGE);
    munmap(later, 16 * PAGE);
}

int main(void) {
    test_at_once();
    test_flag();
    test_at_touch();
    test_kept();
    test_without_rights();
    test_future();
    test_present();
    return checks_end();
}
