/* SPDX-License-Identifier: MIT */
/* mremap and brk. */
// native:
// stdout-from: checks
#define _GNU_SOURCE
#include "mapping.h"

#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "check.h"

enum { DONT_UNMAP = 4 }; /* MREMAP_DONTUNMAP */

/* Maps pages pages and numbers them 1, 2, …; behind them is room for as many. */
static char *map_numbered(size_t pages) {
    char *p = map(2 * pages + 1, RW);

    munmap(p + pages * PAGE, (pages + 1) * PAGE);
    for (size_t i = 0; i < pages; i++)
        memset(p + i * PAGE, (int)i + 1, PAGE);
    return p;
}

static int is_numbered(const char *p, size_t pages) {
    for (size_t i = 0; i < pages; i++)
        if (!is_filled(p + i * PAGE, PAGE, (char)(i + 1)))
            return 0;
    return 1;
}

static int is_free(char *p, size_t pages) {
    void *q = mmap(p, pages * PAGE, PROT_NONE, ANON | MAP_FIXED_NOREPLACE, -1, 0);

    if (q == p)
        munmap(p, pages * PAGE);
    return q == p;
}

static void test_in_place(void) {
    char *p = map_numbered(6);

    CHECK_EQUAL(mremap(p, 6 * PAGE, 6 * PAGE, 0), p);
    CHECK_EQUAL(mremap(p, 6 * PAGE, 3 * PAGE, 0), p);
    CHECK(is_numbered(p, 3) && is_free(p + 3 * PAGE, 3));
    CHECK_EQUAL(mremap(p, 3 * PAGE, 6 * PAGE, 0), p);
    CHECK(is_numbered(p, 3) && is_filled(p + 3 * PAGE, 3 * PAGE, 0));
    memset(p + 3 * PAGE, 1, 3 * PAGE);
    CHECK_EQUAL(mremap(p, 6 * PAGE, 6 * PAGE - 5, 0), p); /* rounded up: nothing to do */
    CHECK(is_filled(p + 3 * PAGE, 3 * PAGE, 1));
    munmap(p, 6 * PAGE);
}

static void test_blocked(void) {
    char *p = map_numbered(4);
    char *wall = mmap(p + 5 * PAGE, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0);

    CHECK_EQUAL(wall, p + 5 * PAGE);
    *wall = 77;
    CHECK_EQUAL(mremap(p, 4 * PAGE, 5 * PAGE, 0), p); /* exactly the gap */
    CHECK_FAILS(mremap(p, 5 * PAGE, 6 * PAGE, 0), ENOMEM);
    char *q = mremap(p, 5 * PAGE, 9 * PAGE, MREMAP_MAYMOVE);
    CHECK(q != MAP_FAILED && q != p);
    CHECK(is_numbered(q, 4) && is_filled(q + 4 * PAGE, 5 * PAGE, 0));
    CHECK(is_free(p, 5) && *wall == 77);
    munmap(q, 9 * PAGE);
    munmap(wall, PAGE);
}

static void test_fixed(void) {
    char *p = map_numbered(4), *to = map(6, RW);
    const int flags = MREMAP_MAYMOVE | MREMAP_FIXED;

    memset(to, 66, 6 * PAGE);
    CHECK_EQUAL(mremap(p, 4 * PAGE, 4 * PAGE, flags, to + PAGE), to + PAGE);
    CHECK(is_numbered(to + PAGE, 4) && is_free(p, 4));
    CHECK(is_filled(to, PAGE, 66) && is_filled(to + 5 * PAGE, PAGE, 66));
    /* smaller, and larger, at the new place */
    CHECK_EQUAL(mremap(to + PAGE, 4 * PAGE, 2 * PAGE, flags, p), p);
    CHECK(is_numbered(p, 2) && is_free(to + PAGE, 4));
    CHECK_EQUAL(mremap(p, 2 * PAGE, 4 * PAGE, flags, to + PAGE), to + PAGE);
    CHECK(is_numbered(to + PAGE, 2) && is_filled(to + 3 * PAGE, 2 * PAGE, 0));
    /* the middle of a mapping */
    CHECK_EQUAL(mremap(to + 2 * PAGE, PAGE, PAGE, flags, p), p);
    CHECK(is_filled(p, PAGE, 2) && is_free(to + 2 * PAGE, 1) && is_filled(to, PAGE, 66));
    munmap(p, PAGE);
    munmap(to, 6 * PAGE);
}

static void test_rights(void) {
    char *p = map_numbered(3);

    CHECK_EQUAL(mprotect(p, 3 * PAGE, PROT_READ), 0);
    char *to = find_free(32) + 16 * PAGE;
    CHECK_EQUAL(mremap(p, 3 * PAGE, 5 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to), to);
    CHECK(is_numbered(to, 3) && is_filled(to + 3 * PAGE, 2 * PAGE, 0));
    CHECK_EQUAL(mprotect(to, 5 * PAGE, PROT_NONE), 0);
    CHECK_EQUAL(mremap(to, 5 * PAGE, 7 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p), p);
    CHECK_EQUAL(mprotect(p, 7 * PAGE, RW), 0);
    CHECK(is_numbered(p, 3) && is_filled(p + 3 * PAGE, 4 * PAGE, 0));
    munmap(p, 7 * PAGE);
}

/* The memory goes, the mapping stays, and is empty. */
static void test_left_mapped(void) {
    const int flags = MREMAP_MAYMOVE | DONT_UNMAP;
    char *p = map_numbered(4);

    CHECK_FAILS(mremap(p, 4 * PAGE, 4 * PAGE, DONT_UNMAP, NULL), EINVAL);
    CHECK_FAILS(mremap(p, 4 * PAGE, 5 * PAGE, flags, NULL), EINVAL);
    CHECK_FAILS(mremap(p, 4 * PAGE, 3 * PAGE, flags, NULL), EINVAL);
    CHECK(is_numbered(p, 4));
    char *q = mremap(p, 4 * PAGE, 4 * PAGE, flags, NULL);
    CHECK(q != MAP_FAILED && q != p && is_numbered(q, 4) && is_filled(p, 4 * PAGE, 0));
    memset(p, 9, 4 * PAGE);
    CHECK(is_numbered(q, 4));
    char *to = find_free(8) + 2 * PAGE;
    CHECK_EQUAL(mremap(q + PAGE, 2 * PAGE, 2 * PAGE, flags | MREMAP_FIXED, to), to);
    CHECK(is_filled(to, PAGE, 2) && is_filled(to + PAGE, PAGE, 3));
    CHECK(is_filled(q, PAGE, 1) && is_filled(q + PAGE, 2 * PAGE, 0) &&
          is_filled(q + 3 * PAGE, PAGE, 4));
    munmap(p + 2 * PAGE, PAGE);
    CHECK_FAILS(mremap(p, 4 * PAGE, 4 * PAGE, flags, NULL), EFAULT); /* a hole */
    munmap(to, 2 * PAGE);
    munmap(q, 4 * PAGE);
    munmap(p, 4 * PAGE);
}

/* EINVAL since Linux 6.17 */
#define CHECK_TOO_LARGE(call)                                                              \
    CHECK((call) == MAP_FAILED && (errno == ENOMEM || errno == EINVAL))

/* Sizes and places at which a sum would go beyond the address space. */
static void test_beyond(void) {
    const int flags = MREMAP_MAYMOVE | MREMAP_FIXED;
    char *p = map_numbered(2);

    /* rounded up: 0 */
    CHECK_FAILS(syscall(SYS_mremap, p, PAGE, SIZE_MAX, MREMAP_MAYMOVE, 0), EINVAL);
    CHECK_TOO_LARGE(mremap(p, PAGE, SIZE_MAX - PAGE + 1, MREMAP_MAYMOVE));
    CHECK_TOO_LARGE(mremap(p, PAGE, 1ul << 63, MREMAP_MAYMOVE));
    CHECK_FAILS(mremap(p, PAGE, 1ul << 47, flags, find_free(2)), EINVAL);
    CHECK_FAILS(mremap(p, PAGE, PAGE, flags, (char *)-PAGE), EINVAL);
    CHECK_FAILS(mremap(p, PAGE, 2 * PAGE, flags, (char *)(1ul << 47) - PAGE), EINVAL);
    CHECK_FAILS(mremap((char *)-PAGE, PAGE, 2 * PAGE, MREMAP_MAYMOVE), EFAULT);
    CHECK_FAILS(mremap((char *)(1ul << 47), PAGE, 2 * PAGE, MREMAP_MAYMOVE), EFAULT);
    CHECK(is_numbered(p, 2));
    munmap(p, 2 * PAGE);
}

static void test_errors(void) {
    char *p = map_numbered(4);
    const int flags = MREMAP_MAYMOVE | MREMAP_FIXED;

    CHECK_FAILS(mremap(p + 1, PAGE, PAGE, MREMAP_MAYMOVE), EINVAL);
    CHECK_FAILS(mremap(p, PAGE, 0, MREMAP_MAYMOVE), EINVAL);
    CHECK_FAILS(mremap(p, 0, PAGE, MREMAP_MAYMOVE), EINVAL);
    CHECK_FAILS(mremap(p, PAGE, PAGE, 64), EINVAL);
    CHECK_FAILS(mremap(p, PAGE, PAGE, MREMAP_FIXED, p + 2 * PAGE), EINVAL);
    CHECK_FAILS(mremap(p, 2 * PAGE, 2 * PAGE, flags, p + PAGE), EINVAL); /* overlap */
    CHECK_FAILS(mremap(p + PAGE, 2 * PAGE, 2 * PAGE, flags, p), EINVAL);
    CHECK_FAILS(mremap(p, PAGE, PAGE, flags, p + 2 * PAGE + 1), EINVAL);
    CHECK_FAILS(mremap(p, PAGE, PAGE, flags, (void *)(1ul << 47)), EINVAL);
    CHECK_FAILS(mremap(p, 4 * PAGE, 1ul << 46, MREMAP_MAYMOVE), ENOMEM);
    CHECK_FAILS(mremap(p, 5 * PAGE, 6 * PAGE, MREMAP_MAYMOVE), EFAULT); /* beyond its end */
    CHECK(is_numbered(p, 4));
    munmap(p + PAGE, PAGE);
    CHECK_FAILS(mremap(p + PAGE, PAGE, 2 * PAGE, MREMAP_MAYMOVE), EFAULT);
    CHECK_FAILS(mremap(p, 4 * PAGE, 5 * PAGE, MREMAP_MAYMOVE), EFAULT); /* a hole */
    CHECK_FAILS(mremap((void *)0x10000, PAGE, 2 * PAGE, MREMAP_MAYMOVE), EFAULT);
    CHECK(is_filled(p, PAGE, 1) && is_filled(p + 2 * PAGE, PAGE, 3));
    munmap(p, 4 * PAGE);
}

static char *set_break(char *to) {
    return (char *)syscall(SYS_brk, to);
}

/* By system call, since a C library keeps the heap for itself; malloc is not used here. */
static void test_break(void) {
    char *start = set_break(NULL);

    CHECK(start != NULL);
    CHECK_EQUAL(set_break(start + 100), start + 100);
    CHECK(is_filled(start, 100, 0));
    CHECK_EQUAL(set_break(start + 10 * PAGE + 1), start + 10 * PAGE + 1);
    CHECK(is_filled(start, 10 * PAGE + 1, 0));
    memset(start, 5, 10 * PAGE + 1);
    CHECK_EQUAL(set_break(start + 4 * PAGE), start + 4 * PAGE);
    CHECK_EQUAL(set_break(start + 8 * PAGE), start + 8 * PAGE);
    char *page = (char *)(((uintptr_t)start + 5 * PAGE - 1) & -PAGE);
    CHECK(is_filled(start, 4 * PAGE, 5) && is_filled(page, start + 8 * PAGE - page, 0));
    CHECK_EQUAL(set_break((char *)1), start + 8 * PAGE);
    CHECK_EQUAL(set_break((char *)(1ul << 47)), start + 8 * PAGE);
    CHECK_EQUAL(set_break((char *)-PAGE), start + 8 * PAGE);
    CHECK_EQUAL(set_break(NULL), start + 8 * PAGE);
    /* below where it began, and so far that no memory is there for it */
    CHECK_EQUAL(set_break(start - 1), start + 8 * PAGE);
    CHECK_EQUAL(set_break(start - PAGE), start + 8 * PAGE);
    CHECK_EQUAL(set_break(start + (1ul << 45)), start + 8 * PAGE);
    CHECK(is_filled(start, 4 * PAGE, 5));
    CHECK_EQUAL(set_break(start), start);
}

/* Something is in its way, and is not touched. */
static void test_break_blocked(void) {
    char *start = set_break(NULL);
    char *wall = (char *)(((uintptr_t)start + 20 * PAGE) & -PAGE);

    CHECK_EQUAL(mmap(wall, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0), wall);
    memset(wall, 6, PAGE);
    CHECK_EQUAL(set_break(wall + 1), start);
    CHECK_EQUAL(set_break(wall + 2 * PAGE), start);
    CHECK_EQUAL(set_break(start + 4 * PAGE), start + 4 * PAGE);
    CHECK(is_filled(wall, PAGE, 6));
    CHECK_EQUAL(set_break(start), start);
    CHECK_EQUAL(munmap(wall, PAGE), 0);
    CHECK_EQUAL(set_break(wall + 2 * PAGE), wall + 2 * PAGE);
    CHECK(is_filled(wall, 2 * PAGE, 0));
    CHECK_EQUAL(set_break(start), start);
}

int main(void) {
    test_break();
    test_break_blocked();
    test_in_place();
    test_blocked();
    test_fixed();
    test_rights();
    test_left_mapped();
    test_beyond();
    test_errors();
    return checks_end();
}
