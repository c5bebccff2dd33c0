/* SPDX-License-Identifier: MIT */
/* mmap with every flag: what each promises, and which are refused. */
// native:
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include "memory/mapping.h"

#include <stdint.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "check.h"

#ifndef MAP_SHARED_VALIDATE
#    define MAP_SHARED_VALIDATE 3
#endif

static int is_linux(void) {
    struct utsname name;

    return uname(&name) == 0 && !strcmp(name.sysname, "Linux") &&
           access("/proc/version", F_OK) == 0;
}

/* Zero, written, and given back. */
static void check_usable(int line, char *p) {
    if (!check_at(p != MAP_FAILED, line, "is mapped"))
        return;
    check_at(is_filled(p, 5 * PAGE, 0), line, "is zero");
    memset(p, 1, 5 * PAGE);
    check_at(is_filled(p, 5 * PAGE, 1), line, "is written");
    check_at(munmap(p, 5 * PAGE) == 0, line, "is given back");
}

static void test_accepted(void) {
    static const int flags[] = {0,
                                MAP_POPULATE,
                                MAP_NORESERVE,
                                MAP_STACK,
                                MAP_NONBLOCK,
                                MAP_POPULATE | MAP_NONBLOCK,
                                MAP_LOCKED,
                                MAP_DENYWRITE,
                                MAP_EXECUTABLE,
                                MAP_POPULATE | MAP_NORESERVE | MAP_STACK};

    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        check_usable(__LINE__, mmap(NULL, 5 * PAGE, RW, ANON | flags[i], -1, 0));
        check_usable(__LINE__, mmap(NULL, 5 * PAGE, RW,
                                    MAP_SHARED | MAP_ANONYMOUS | flags[i], -1, 0));
        char *p = find_free(5);
        CHECK_EQUAL(mmap(p, 5 * PAGE, RW, ANON | MAP_FIXED | flags[i], -1, 0), p);
        CHECK_FAILS(mmap(p + PAGE, PAGE, RW, ANON | MAP_FIXED_NOREPLACE | flags[i], -1, 0),
                    EEXIST);
        check_usable(__LINE__, p);
    }
    /* nobody to share it with, but it behaves */
    char *p = mmap(NULL, 5 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(p != MAP_FAILED);
    p[PAGE] = 3;
    CHECK_EQUAL(mprotect(p, 5 * PAGE, PROT_READ), 0);
    CHECK_EQUAL(p[PAGE], 3);
    CHECK_EQUAL(msync(p, 5 * PAGE, MS_SYNC), 0);
    CHECK_EQUAL(munmap(p, 5 * PAGE), 0);
}

static void test_low(void) {
    for (int i = 0; i < 20; i++) {
        char *p = mmap(NULL, 5 * PAGE, RW, ANON | MAP_32BIT, -1, 0);
        CHECK(p != MAP_FAILED && (uintptr_t)p + 5 * PAGE <= 1ul << 32);
        check_usable(__LINE__, p);
    }
}

static void test_fixed_over_holes(void) {
    char *p = find_free(9);

    CHECK_EQUAL(mmap(p + PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0), p + PAGE);
    CHECK_EQUAL(mmap(p + 4 * PAGE, 2 * PAGE, RW, ANON | MAP_FIXED, -1, 0), p + 4 * PAGE);
    p[PAGE] = p[4 * PAGE] = p[6 * PAGE - 1] = 9;
    CHECK_EQUAL(mmap(p, 5 * PAGE, RW, ANON | MAP_FIXED, -1, 0), p);
    CHECK(is_filled(p, 5 * PAGE, 0) && p[6 * PAGE - 1] == 9);
    /* beside what is alike: one range, which can then be changed as one */
    CHECK_EQUAL(mmap(p + 6 * PAGE, 3 * PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0),
                p + 6 * PAGE);
    CHECK_EQUAL(mprotect(p, 9 * PAGE, PROT_READ), 0);
    CHECK_EQUAL(mremap(p, 9 * PAGE, 8 * PAGE, 0), p);
    CHECK_EQUAL(munmap(p, 9 * PAGE), 0);
}

static void test_refused(void) {
    CHECK_FAILS(mmap(NULL, PAGE, RW, MAP_ANONYMOUS | MAP_SHARED_VALIDATE, -1, 0), EINVAL);
    CHECK_FAILS(mmap(NULL, PAGE, RW, MAP_ANONYMOUS | 0xc, -1, 0), EINVAL);
    CHECK_FAILS(mmap(NULL, PAGE, RW, MAP_PRIVATE, -1, 0), EBADF);
    CHECK_FAILS(mmap(NULL, PAGE, RW, MAP_SHARED, 1000, 0), EBADF);
    CHECK_FAILS(mmap(NULL, PAGE, RW, MAP_PRIVATE, 0, 0), ENODEV); /* standard input */
    if (is_linux())
        return; /* it may have these, and still has those */
    char *p = mmap(NULL, PAGE, RW, ANON | MAP_HUGETLB, -1, 0);
    CHECK(p == MAP_FAILED && (errno == ENOMEM || errno == EINVAL));
    p = mmap(NULL, PAGE, RW, ANON | MAP_GROWSDOWN, -1, 0);
    CHECK(p == MAP_FAILED && (errno == EINVAL || errno == EOPNOTSUPP));
}

/* Populated: it is there, as far as there is memory for it. */
static void test_populate(void) {
    unsigned char there[64];
    char *p = mmap(NULL, 64 * PAGE, RW, ANON | MAP_POPULATE, -1, 0);

    CHECK(p != MAP_FAILED);
    memset(there, 0, sizeof there);
    CHECK_EQUAL(mincore(p, 64 * PAGE, there), 0);
    for (int i = 0; i < 64; i++)
        CHECK(there[i] & 1);
    munmap(p, 64 * PAGE);
    p = mmap(NULL, 64 * PAGE, PROT_NONE, ANON | MAP_POPULATE, -1, 0);
    CHECK(p != MAP_FAILED);
    munmap(p, 64 * PAGE);
}

/* A descriptor, an offset and unknown rights mean nothing to anonymous memory. */
static void test_ignored(void) {
    check_usable(__LINE__, mmap(NULL, 5 * PAGE, RW, ANON, 55, 0));
    check_usable(__LINE__, mmap(NULL, 5 * PAGE, RW, ANON, 1, 16 * (off_t)PAGE));
    check_usable(__LINE__, mmap(NULL, 4 * PAGE + 1, RW, ANON, -1, 0));
    check_usable(__LINE__, mmap(NULL, 5 * PAGE, RW | 0x40 | 0x10000000, ANON, -1, 0));
    char *hint = (char *)0x500000000001; /* rounded */
    char *p = mmap(hint, 5 * PAGE, RW, ANON, -1, 0);
    CHECK_EQUAL((uintptr_t)p % PAGE, 0);
    check_usable(__LINE__, p);
}

int main(void) {
    test_accepted();
    test_low();
    test_fixed_over_holes();
    test_refused();
    test_populate();
    test_ignored();
    return checks_end();
}
