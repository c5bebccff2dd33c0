/* SPDX-License-Identifier: MIT */
/*
 * Calls on the memory that was there at the start: text, constants, data, the stack, and
 * what is the runtime's or Xen's. The program may do with its data and stack what Linux
 * lets it do; what nobody could run without is refused with EACCES, and works on.
 */
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include "memory/mapping.h"

#include <stdint.h>

#include "check.h"
#include "handlers.h"

static const char constants[2 * PAGE] __attribute__((aligned(4096))) = {[5000] = 42};
static char data[3 * PAGE] __attribute__((aligned(4096))) = {7};
static char zeros[3 * PAGE] __attribute__((aligned(4096)));

__attribute__((noinline)) static int function(int x) {
    __asm__ volatile("" : "+r"(x));
    return x + 1;
}

static char *page_of(const void *p) {
    return (char *)((uintptr_t)p & -PAGE);
}

static void check_kept(const char *name, char *page) {
    const int flags = ANON | MAP_FIXED;
    unsigned before = checks_failed;
    unsigned char there = 0;

    CHECK_FAILS(munmap(page, PAGE), EACCES);
    CHECK_FAILS(mmap(page, PAGE, RW, flags, -1, 0), EACCES);
    CHECK_FAILS(mmap(page - PAGE, 3 * PAGE, RW, flags, -1, 0), EACCES);
    CHECK_FAILS(mmap(page, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0), EEXIST);
    CHECK_FAILS(mprotect(page, PAGE, PROT_NONE), EACCES);
    CHECK_FAILS(mremap(page, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, find_free(2)),
                EACCES);
    char *mine = map(1, RW);
    *mine = 5;
    CHECK_FAILS(mremap(mine, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, page), EACCES);
    CHECK_EQUAL(*mine, 5);
    munmap(mine, PAGE);
    CHECK_EQUAL(madvise(page, PAGE, MADV_DONTNEED), 0); /* it comes back from its file */
    CHECK_EQUAL(mincore(page, PAGE, &there), 0);
    CHECK_EQUAL(there & 1, 1);
    if (checks_failed != before)
        printf("    of %s\n", name);
}

static void test_kept(void) {
    check_kept("text", page_of((void *)(uintptr_t)function));
    check_kept("the C library's text", page_of((void *)(uintptr_t)printf));
    CHECK_EQUAL(function(2), 3);
    check_kept("constants", page_of(constants + PAGE));
    CHECK_EQUAL(*(volatile const char *)&constants[5000], 42);
    /* rights that are enough may be asked for */
    CHECK_EQUAL(mprotect(page_of((void *)(uintptr_t)function), PAGE, PROT_READ | PROT_EXEC),
                0);
    CHECK_EQUAL(mprotect(page_of(constants), PAGE, PROT_READ), 0);
}

/* A sum that goes over everything leaves what has to stay. */
static void test_everything(void) {
    CHECK_FAILS(munmap((void *)0x10000, 0x7fffff000000), EACCES);
    CHECK_EQUAL(function(3), 4);
    CHECK_FAILS(mprotect((void *)0x10000, 0x7fffff000000, PROT_NONE), ENOMEM);
    CHECK_EQUAL(function(4), 5);
}

static void test_data(void) {
    data[PAGE] = 8;
    CHECK_EQUAL(madvise(data, sizeof data, MADV_DONTNEED), 0);
    CHECK(data[0] == 7); /* never zeros */
    memset(zeros, 3, sizeof zeros);
    CHECK_EQUAL(mprotect(zeros + PAGE, PAGE, PROT_READ), 0);
    CHECK_EQUAL(mprotect(zeros + PAGE, PAGE, RW), 0);
    CHECK(is_filled(zeros, sizeof zeros, 3));
}

static volatile int faults;

static void fix(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)context;
    faults++;
    if (mprotect(page_of(info->si_addr), PAGE, RW))
        _Exit(9);
}

/* The stack's free part can be given back, and protected. */
static void test_stack(void) {
    volatile char here[16 * PAGE];
    char *page = page_of((void *)(here + 4 * PAGE));

    memset((void *)here, 6, sizeof here);
    CHECK_EQUAL(madvise(page, 2 * PAGE, MADV_DONTNEED), 0);
    CHECK(is_filled(page, 2 * PAGE, 0) && page[2 * PAGE] == 6);
    CHECK_EQUAL(mprotect(page, PAGE, PROT_READ), 0);
    handle(SIGSEGV, fix, 0);
    *(volatile char *)page = 1;
    CHECK_EQUAL(faults, 1);
    signal(SIGSEGV, SIG_DFL);
    CHECK_FAILS(mmap(page, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0), EEXIST);
}

/* Addresses that are nobody's to have. */
static void test_low_and_high(void) {
    static const unsigned long places[] = {0, PAGE, 0xf000};

    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        char *p = mmap((void *)places[i], PAGE, RW, ANON | MAP_FIXED, -1, 0);
        CHECK(p == MAP_FAILED && (errno == EPERM || errno == ENOMEM));
        p = mmap((void *)places[i], PAGE, RW, ANON, -1, 0); /* only a wish */
        CHECK(p != MAP_FAILED && (unsigned long)p >= 0x10000);
        munmap(p, PAGE);
    }
    static const unsigned long frames = 0x080000000000;
    CHECK_FAILS(munmap((void *)frames, PAGE), EACCES);
    CHECK_FAILS(mmap((void *)frames, PAGE, RW, ANON | MAP_FIXED, -1, 0), EACCES);
    CHECK_FAILS(mmap((void *)0xffff800000000000, PAGE, RW, ANON | MAP_FIXED, -1, 0),
                ENOMEM);
    CHECK_FAILS(munmap((void *)0xffff800000000000, PAGE), EINVAL);
    CHECK_FAILS(mprotect((void *)0xffff800000000000, PAGE, RW), ENOMEM);
    CHECK_FAILS(madvise((void *)0xffff800000000000, PAGE, MADV_DONTNEED), ENOMEM);
}

int main(void) {
    test_kept();
    test_everything();
    test_data();
    test_stack();
    test_low_and_high();
    return checks_end();
}
