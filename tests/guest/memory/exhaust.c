/* SPDX-License-Identifier: MIT */
/*
 * When memory is gone the call that wants more says ENOMEM, whichever it is; it has changed
 * nothing, the program goes on, and what it gives back can be had again.
 */
// flags: -fno-builtin
// stdout-from: checks
// case: 64 MiB
// memory: 64M
// case: little
// memory: 2300K
// case: hardly any
// memory: 2100K
#define _GNU_SOURCE
#include "mapping.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

static size_t free_memory(void) {
    struct sysinfo info;

    CHECK_EQUAL(sysinfo(&info), 0);
    return info.freeram * info.mem_unit;
}

static void test_too_much(void) {
    static const size_t sizes[] = {SIZE_MAX, SIZE_MAX / 2, 1ul << 46, 1ul << 32};

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        errno = 0;
        CHECK(!malloc(sizes[i]) && errno == ENOMEM);
        errno = 0;
        CHECK(!calloc(sizes[i] / 16, 32) && errno == ENOMEM);
    }
    errno = 0;
    CHECK(!malloc(free_memory() + PAGE) && errno == ENOMEM);
    char *p = malloc(1000);
    memset(p, 7, 1000);
    errno = 0;
    CHECK(!realloc(p, 1ul << 40) && errno == ENOMEM);
    CHECK(is_filled(p, 1000, 7));
    free(p);
    /* and the program goes on */
    CHECK(time(NULL) > 1000000000);
    char text[64];
    CHECK(snprintf(text, sizeof text, "%.3f", 1.5) == 5 && !strcmp(text, "1.500"));
}

/* Takes blocks until there are no more; each links to the one before it. */
static void **take_all(size_t size, size_t *count) {
    void **top = NULL, **p;

    for (*count = 0; (p = malloc(size)); ++*count) {
        *p = top;
        p[size / sizeof *p - 1] = p;
        top = p;
    }
    CHECK_EQUAL(errno, ENOMEM);
    return top;
}

static void give_back(void **top, size_t size) {
    while (top) {
        void **below = *top;
        CHECK(top[size / sizeof *top - 1] == top);
        free(top);
        top = below;
    }
}

static void test_all_blocks(void) {
    static const size_t sizes[] = {1 << 16, 1 << 18, 4000, 1 << 16};

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t first = 0, second = 0;
        give_back(take_all(sizes[i], &first), sizes[i]);
        give_back(take_all(sizes[i], &second), sizes[i]);
        CHECK(first > 0);
        if (!CHECK(second >= first))
            printf("    %zu blocks of %zu, then %zu\n", first, sizes[i], second);
    }
}

static void test_all_pages(void) {
    size_t first = 0;

    for (int round = 0; round < 3; round++) {
        char *top = NULL, *p;
        size_t pages = 0;
        for (; (p = map(1, RW)) != MAP_FAILED; pages++) {
            CHECK_EQUAL(*(long *)p, 0);
            *(char **)p = top;
            top = p;
        }
        CHECK_EQUAL(errno, ENOMEM);
        CHECK_FAILS(mmap(NULL, PAGE, PROT_READ, ANON, -1, 0), ENOMEM);
        CHECK(pages * PAGE > free_memory());
        while (top) {
            p = *(char **)top;
            CHECK_EQUAL(munmap(top, PAGE), 0);
            top = p;
        }
        if (round == 0)
            first = pages;
        else if (!CHECK(pages >= first))
            printf("    %zu pages, then %zu\n", first, pages);
    }
}

/* Each of these wants a little more than there is. */
static void test_nothing_changed(void) {
    size_t pages = free_memory() / PAGE;
    char *reserved = map(2 * pages, PROT_NONE), *p = map(2, RW);

    p[0] = p[PAGE] = 5;
    CHECK(reserved != MAP_FAILED);
    size_t before = 0;
    for (int round = 0; round < 20; round++) {
        CHECK_FAILS(map(pages + 1, RW), ENOMEM);
        CHECK_FAILS(map(pages + 1, PROT_READ), ENOMEM);
        CHECK_FAILS(mprotect(reserved, 2 * pages * PAGE, RW), ENOMEM);
        CHECK_FAILS(mremap(p, 2 * PAGE, (pages + 3) * PAGE, MREMAP_MAYMOVE), ENOMEM);
        CHECK_FAILS(mmap(reserved, 2 * pages * PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0),
                    EEXIST);
        char *end = (char *)syscall(SYS_brk, NULL);
        CHECK_EQUAL(syscall(SYS_brk, end + (pages + 1) * PAGE), end);
        if (round == 0) /* tables that the attempts needed may stay */
            before = free_memory();
    }
    CHECK_EQUAL(free_memory(), before);
    CHECK(p[0] == 5 && p[PAGE] == 5);
    CHECK_EQUAL(mprotect(reserved + PAGE, 3 * PAGE, RW), 0);
    CHECK(is_filled(reserved + PAGE, 3 * PAGE, 0));
    CHECK_EQUAL(munmap(reserved, 2 * pages * PAGE), 0);
    CHECK_EQUAL(munmap(p, 2 * PAGE), 0);
}

/* Single pages far apart cost tables as well; those are not lost either. */
static size_t take_sparse(size_t stride) {
    char *at = (char *)0x200000000000, *p;
    size_t pages = 0;

    for (; pages < 1500; pages++) {
        p = mmap(at + pages * stride, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0);
        if (p == MAP_FAILED)
            break;
        *(size_t *)p = pages;
    }
    CHECK(pages == 1500 || errno == ENOMEM);
    for (size_t i = 0; i < pages; i++) {
        CHECK_EQUAL(*(size_t *)(at + i * stride), i);
        CHECK_EQUAL(munmap(at + i * stride, PAGE), 0);
    }
    return pages;
}

static void test_sparse(void) {
    size_t before = free_memory();
    size_t first = take_sparse(1ul << 30);

    CHECK(first > 10);
    for (int round = 0; round < 3; round++) {
        size_t again = take_sparse(1ul << 30);
        if (!CHECK(again >= first))
            printf("    %zu pages, then %zu\n", first, again);
    }
    CHECK(take_sparse(2ul << 20) > 10);
    size_t after = free_memory();
    if (!CHECK(after > before / 2))
        printf("    %zu bytes free before, %zu after\n", before, after);
}

int main(void) {
    test_too_much();
    test_all_blocks();
    test_all_pages();
    test_nothing_changed();
    test_all_blocks();
    test_sparse();
    return checks_end();
}
