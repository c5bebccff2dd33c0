/* SPDX-License-Identifier: MIT */
/*
 * Address space costs nothing until it is touched: 64 GiB without rights, and 64 GiB that
 * may be written, in a domain of 64 MiB. Pages are zero when they come into being,
 * whichever
 * way: first touched, discarded, mapped again, grown.
 */
// native:
// stdout-from: checks
// vcpus: 1 2 4
// memory: 64M
#define _GNU_SOURCE
#include "memory/mapping.h"

#include "check.h"

enum { TOUCHED = 800 };

static const size_t huge = 64ul << 30;

/* A different place for each i, spread over the whole of it. */
static size_t place(size_t i) {
    return i * (huge / TOUCHED) & -8ul;
}

static void test_without_rights(void) {
    char *p = mmap(NULL, huge, PROT_NONE, ANON | MAP_NORESERVE, -1, 0);

    CHECK(p != MAP_FAILED);
    for (size_t i = 0; i < 200; i++) {
        char *piece = p + (place(i * 4) & -PAGE);
        CHECK_EQUAL(mprotect(piece, 2 * PAGE, RW), 0);
        CHECK(is_filled(piece, 2 * PAGE, 0));
        memset(piece, (int)i, 2 * PAGE);
    }
    for (size_t i = 0; i < 200; i++)
        CHECK(is_filled(p + (place(i * 4) & -PAGE), 2 * PAGE, (char)i));
    CHECK_EQUAL(mprotect(p, huge, PROT_NONE), 0);
    CHECK_EQUAL(mprotect(p + (place(28) & -PAGE), PAGE, PROT_READ), 0);
    CHECK_EQUAL(p[place(28) & -PAGE], 7);
    CHECK_EQUAL(munmap(p, huge), 0);
}

static void test_not_reserved(void) {
    char *p = mmap(NULL, huge, RW, ANON | MAP_NORESERVE, -1, 0);

    CHECK(p != MAP_FAILED);
    for (size_t i = 0; i < TOUCHED; i++) {
        CHECK_EQUAL(*(size_t *)(void *)(p + place(i)), 0);
        *(size_t *)(void *)(p + place(i)) = i + 1;
    }
    size_t good = 0;
    for (size_t i = 0; i < TOUCHED; i++)
        good += *(size_t *)(void *)(p + place(i)) == i + 1;
    CHECK_EQUAL(good, TOUCHED);
    /* given back piece by piece, and all at once; as often as there is memory */
    for (int round = 0; round < 4; round++) {
        CHECK_EQUAL(madvise(p, huge, MADV_DONTNEED), 0);
        for (size_t i = 0; i < TOUCHED; i++) {
            size_t *at = (size_t *)(void *)(p + place((i * 7 + (size_t)round) % TOUCHED));
            if (*at)
                CHECK(!"zero after MADV_DONTNEED");
            *at = i;
        }
    }
    CHECK_EQUAL(munmap(p, huge), 0);
}

/* Many reservations beside one another, as collectors' arenas are. */
static void test_arenas(void) {
    char *arenas[64];

    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 64; i++) {
            arenas[i] = mmap(NULL, 1ul << 30, PROT_NONE, ANON | MAP_NORESERVE, -1, 0);
            CHECK(arenas[i] != MAP_FAILED);
            CHECK_EQUAL(mprotect(arenas[i], 4 * PAGE, RW), 0);
            CHECK_EQUAL(arenas[i][3 * PAGE], 0);
            arenas[i][3 * PAGE] = 1;
        }
        for (int i = 0; i < 64; i++)
            CHECK_EQUAL(munmap(arenas[i * 29 % 64], 1ul << 30), 0);
    }
}

/* All memory several times over, 16 MiB at a time: freed pages come back, as zeros. */
static void test_again_and_again(void) {
    const size_t size = 16ul << 20;

    for (int round = 0; round < 9; round++) {
        char *p = mmap(NULL, size, RW, ANON, -1, 0);
        if (!CHECK(p != MAP_FAILED))
            return;
        size_t bad = 0;
        for (size_t i = 0; i < size; i += PAGE) {
            size_t *word = (size_t *)(void *)(p + i + i / PAGE % 512 * 8);
            bad += *word != 0;
            *word = ~i;
        }
        CHECK_EQUAL(bad, 0);
        if (round % 3 == 1)
            CHECK_EQUAL(munmap(p + size / 2, size / 2), 0);
        if (round % 3 == 2)
            CHECK_EQUAL(madvise(p, size, MADV_FREE), 0);
        CHECK_EQUAL(munmap(p, size), 0);
    }
}

static void test_grown(void) {
    char *p = map(4, RW);

    memset(p, 1, 4 * PAGE);
    for (size_t pages = 4; pages < 2048; pages *= 2) {
        char *q = mremap(p, pages * PAGE, 2 * pages * PAGE, MREMAP_MAYMOVE);
        CHECK(q != MAP_FAILED);
        CHECK(is_filled(q, PAGE, 1) && is_filled(q + pages * PAGE, pages * PAGE, 0));
        memset(q + pages * PAGE, 1, pages * PAGE);
        p = q;
    }
    CHECK(is_filled(p, 2048 * PAGE, 1));
    munmap(p, 2048 * PAGE);
}

int main(void) {
    test_without_rights();
    test_not_reserved();
    test_arenas();
    test_again_and_again();
    test_grown();
    return checks_end();
}
