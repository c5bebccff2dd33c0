/* SPDX-License-Identifier: MIT */
/*
 * madvise: what each advice may do to the contents, which are taken and which refused; and
 * what one is told about memory (mincore) or may ask of it (msync, mlock and its kin).
 */
// process: no: a Linux may lack some kinds of advice
// native:
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include "memory/mapping.h"

#include <sys/syscall.h>
#include <unistd.h>

#include "check.h"

#ifndef MADV_COLD
#    define MADV_COLD 20
#    define MADV_PAGEOUT 21
#endif
#ifndef MADV_POPULATE_READ
#    define MADV_POPULATE_READ 22
#    define MADV_POPULATE_WRITE 23
#endif

/* Advice that keeps the contents. */
static void test_harmless(void) {
    static const int advices[] = {
        MADV_NORMAL,    MADV_RANDOM,      MADV_SEQUENTIAL,    MADV_WILLNEED,
        MADV_DONTFORK,  MADV_DOFORK,      MADV_HUGEPAGE,      MADV_NOHUGEPAGE,
        MADV_DONTDUMP,  MADV_DODUMP,      MADV_COLD,          MADV_PAGEOUT,
        MADV_MERGEABLE, MADV_UNMERGEABLE, MADV_POPULATE_READ, MADV_POPULATE_WRITE};

    for (size_t i = 0; i < sizeof advices / sizeof *advices; i++) {
        char *p = map(4, RW);
        memset(p, 3, 3 * PAGE);
        int result = madvise(p, 4 * PAGE, advices[i]);
#ifdef __atman__
        int accepted = result == 0;
#else
        int accepted = result == 0 || errno == EINVAL; /* a Linux may lack some */
#endif
        if (!CHECK(accepted))
            printf("    advice %d: errno %d\n", advices[i], errno);
        CHECK(is_filled(p, 3 * PAGE, 3) && is_filled(p + 3 * PAGE, PAGE, 0));
        memset(p, 4, 4 * PAGE);
        CHECK(is_filled(p, 4 * PAGE, 4));
        if (advices[i] <= MADV_WILLNEED)
            CHECK_EQUAL(result, 0);
        munmap(p, 4 * PAGE);
    }
}

static void test_free(void) {
    char *p = map(8, RW);

    memset(p, 6, 8 * PAGE);
    CHECK_EQUAL(madvise(p, 8 * PAGE, MADV_FREE), 0);
    for (size_t i = 0; i < 8; i++) /* what was, or zero; nothing else, nothing mixed */
        CHECK(is_filled(p + i * PAGE, PAGE, 6) || is_filled(p + i * PAGE, PAGE, 0));
    p[0] = 1; /* written: stays */
    CHECK(p[0] == 1 && (p[1] == 6 || p[1] == 0));
    munmap(p, 8 * PAGE);
}

static void test_discard(void) {
    char *p = map(10, RW);

    memset(p, 6, 10 * PAGE);
    CHECK_EQUAL(madvise(p + PAGE, 1, MADV_DONTNEED), 0); /* a byte: the page */
    CHECK(is_filled(p, PAGE, 6) && is_filled(p + PAGE, PAGE, 0) &&
          is_filled(p + 2 * PAGE, PAGE, 6));
    CHECK_EQUAL(madvise(p + 2 * PAGE, 5 * PAGE, MADV_DONTNEED), 0);
    CHECK_EQUAL(madvise(p + 2 * PAGE, 5 * PAGE, MADV_DONTNEED), 0);
    CHECK(is_filled(p + 2 * PAGE, 5 * PAGE, 0) && is_filled(p + 7 * PAGE, 3 * PAGE, 6));
    /* over a hole: the rest all the same, and ENOMEM */
    munmap(p + 8 * PAGE, PAGE);
    p[5 * PAGE] = 1;
    CHECK_FAILS(madvise(p + 5 * PAGE, 5 * PAGE, MADV_DONTNEED), ENOMEM);
    CHECK_EQUAL(p[5 * PAGE], 0);
    CHECK(is_filled(p + 7 * PAGE, PAGE, 0) && is_filled(p + 9 * PAGE, PAGE, 0));
    munmap(p, 10 * PAGE);
}

static void test_refused(void) {
    static const int unknown[] = {5, 6, 7, 77, -1, 1000};
    char *p = map(4, RW);

    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
        CHECK_FAILS(madvise(p, PAGE, unknown[i]), EINVAL);
    CHECK_FAILS(madvise(p + 1, PAGE, MADV_WILLNEED), EINVAL);
    CHECK_FAILS(madvise(p, (size_t)-1, MADV_WILLNEED), EINVAL);
    CHECK_FAILS(madvise(p, (size_t)-PAGE, MADV_DONTNEED), EINVAL);
    CHECK_EQUAL(madvise(p, 0, MADV_DONTNEED), 0);
    CHECK_EQUAL(madvise(p + 100 * PAGE, 0, MADV_DONTNEED), 0);
    munmap(p, 4 * PAGE);
    CHECK_FAILS(madvise(p, PAGE, MADV_DONTNEED), ENOMEM);
    CHECK_FAILS(madvise(p, PAGE, MADV_FREE), ENOMEM);
    CHECK_FAILS(madvise(p, PAGE, MADV_NORMAL), ENOMEM);
    CHECK_EQUAL(posix_madvise(p, 0, POSIX_MADV_NORMAL), 0);
    CHECK_EQUAL(posix_madvise(p, PAGE, POSIX_MADV_WILLNEED), ENOMEM);
    CHECK_EQUAL(posix_madvise(p, PAGE, 77), EINVAL);
}

/* To be there now, for reading or for writing. */
static void test_populate(void) {
    unsigned char there[8] = {0};
    char *p = map(8, RW);

    CHECK_EQUAL(madvise(p + PAGE, 5 * PAGE, MADV_POPULATE_WRITE), 0);
    CHECK_EQUAL(mincore(p, 8 * PAGE, there), 0);
    for (int i = 1; i < 6; i++)
        CHECK(there[i] & 1);
    CHECK(is_filled(p, 8 * PAGE, 0));
    memset(p, 8, 8 * PAGE);
    CHECK_EQUAL(madvise(p, 8 * PAGE, MADV_POPULATE_READ), 0);
    CHECK(is_filled(p, 8 * PAGE, 8));
    CHECK_EQUAL(mprotect(p, 4 * PAGE, PROT_READ), 0);
    CHECK_EQUAL(madvise(p, 4 * PAGE, MADV_POPULATE_READ), 0);
    CHECK_FAILS(madvise(p, 8 * PAGE, MADV_POPULATE_WRITE), EINVAL);
    CHECK_EQUAL(mprotect(p, 4 * PAGE, PROT_NONE), 0);
    CHECK_FAILS(madvise(p, 8 * PAGE, MADV_POPULATE_READ), EINVAL);
    CHECK_FAILS(madvise(p + 1, PAGE, MADV_POPULATE_READ), EINVAL);
    munmap(p + 5 * PAGE, PAGE);
    CHECK_FAILS(madvise(p + 4 * PAGE, 4 * PAGE, MADV_POPULATE_WRITE), ENOMEM);
    munmap(p, 8 * PAGE);
}

static void test_core(void) {
    unsigned char there[10];
    char *p = map(10, RW);

    p[2 * PAGE] = p[7 * PAGE] = 1;
    memset(there, 0x55, sizeof there);
    CHECK_EQUAL(mincore(p, 10 * PAGE, there), 0);
    CHECK((there[2] & 1) && (there[7] & 1)); /* others may be there as well */
    memset(p, 1, 10 * PAGE);
    CHECK_EQUAL(mincore(p, 9 * PAGE + 1, there), 0); /* the tenth in part */
    for (int i = 0; i < 10; i++)
        CHECK(there[i] & 1);
    CHECK_EQUAL(madvise(p, 10 * PAGE, MADV_DONTNEED), 0);
    CHECK_EQUAL(mincore(p, 10 * PAGE, there), 0);
    for (int i = 0; i < 10; i++)
        CHECK_EQUAL(there[i] & 1, 0);
    CHECK_EQUAL(mincore(p, 0, there), 0);
    CHECK_FAILS(mincore(p + 1, PAGE, there), EINVAL);
    CHECK_FAILS(mincore(p, (size_t)-1, there), ENOMEM);
    munmap(p + 5 * PAGE, PAGE);
    CHECK_FAILS(mincore(p, 10 * PAGE, there), ENOMEM);
    CHECK_FAILS(mincore(p + 5 * PAGE, PAGE, there), ENOMEM);
    munmap(p, 10 * PAGE);
}

static void test_sync(void) {
    char *p = map(4, RW);

    CHECK_EQUAL(msync(p, 4 * PAGE, MS_SYNC), 0);
    CHECK_EQUAL(msync(p, 4 * PAGE, MS_ASYNC), 0);
    CHECK_EQUAL(msync(p, 4 * PAGE, MS_SYNC | MS_INVALIDATE), 0);
    CHECK_EQUAL(msync(p, 0, MS_SYNC), 0);
    CHECK_FAILS(msync(p, PAGE, MS_SYNC | MS_ASYNC), EINVAL);
    CHECK_FAILS(msync(p, PAGE, 0x100), EINVAL);
    CHECK_FAILS(msync(p + 1, PAGE, MS_SYNC), EINVAL);
    munmap(p + PAGE, PAGE);
    CHECK_FAILS(msync(p, 4 * PAGE, MS_SYNC), ENOMEM);
    CHECK_FAILS(msync(p + PAGE, PAGE, MS_ASYNC), ENOMEM);
    munmap(p, 4 * PAGE);
}

/* Nothing is ever swapped out; but what is locked is there. */
static void test_lock(void) {
    unsigned char there[4];
    char *p = map(4, RW);

    CHECK_EQUAL(mlock(p, 4 * PAGE), 0);
    CHECK_EQUAL(mincore(p, 4 * PAGE, there), 0);
    for (int i = 0; i < 4; i++)
        CHECK(there[i] & 1);
    CHECK(is_filled(p, 4 * PAGE, 0));
    p[0] = 1;
    CHECK_FAILS(madvise(p, PAGE, MADV_DONTNEED), EINVAL);
    CHECK_EQUAL(munlock(p, 4 * PAGE), 0);
    CHECK_EQUAL(madvise(p, PAGE, MADV_DONTNEED), 0);
    CHECK_EQUAL(mlock(p + 1, 1), 0); /* rounded */
    CHECK_EQUAL(munlock(p + 1, 1), 0);
    CHECK_EQUAL(syscall(SYS_mlock2, p, PAGE, 1 /* MLOCK_ONFAULT */), 0);
    CHECK_EQUAL(munlock(p, PAGE), 0);
    CHECK_FAILS(syscall(SYS_mlock2, p, PAGE, 77), EINVAL);
    CHECK_EQUAL(mlock(p, 0), 0);
    munmap(p + PAGE, PAGE);
    CHECK_FAILS(mlock(p, 4 * PAGE), ENOMEM);
    CHECK_FAILS(munlock(p, 4 * PAGE), ENOMEM);
    munmap(p, 4 * PAGE);
    CHECK_FAILS(mlock(p, PAGE), ENOMEM);
    CHECK_FAILS(mlockall(0), EINVAL);
    CHECK_FAILS(mlockall(0x100), EINVAL);
    /* an unprivileged Linux process may have too little of a limit */
    CHECK(mlockall(MCL_CURRENT) == 0 || (errno == ENOMEM && getuid() != 0));
    CHECK_EQUAL(munlockall(), 0);
}

int main(void) {
    test_harmless();
    test_free();
    test_discard();
    test_refused();
    test_populate();
    test_core();
    test_sync();
    test_lock();
    return checks_end();
}
