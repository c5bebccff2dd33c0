/* SPDX-License-Identifier: MIT */
/*
 * malloc and its relatives: alignment, zeroed memory after reuse, contents kept by realloc,
 * errors, and a random mix of all that leaves nothing behind.
 */
// flags: -fno-builtin
// process: no: it asks a guest for what only a guest is
// native: -fno-builtin
// stdout-from: checks
#define _GNU_SOURCE
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/sysinfo.h>

#include "check.h"
#include "random.h"

static int is_filled(const char *p, size_t size, char with) {
    for (size_t i = 0; i < size; i++)
        if (p[i] != with)
            return 0;
    return 1;
}

static void test_zeroed(void) {
    for (size_t size = 1; size < 300000; size += size / 3 + 1) {
        char *p = malloc(size);
        memset(p, 0xff, size);
        free(p);
        p = calloc(1, size); /* most likely the same place */
        CHECK(is_filled(p, size, 0));
        memset(p, 0xee, size);
        free(p);
    }
}

static void test_alignment(void) {
    for (size_t align = sizeof(void *); align <= 1 << 20; align *= 2) {
        void *p = NULL;
        CHECK_EQUAL(posix_memalign(&p, align, align + 100), 0);
        CHECK((uintptr_t)p % align == 0);
        memset(p, 1, align + 100);
        void *q = aligned_alloc(align, 2 * align);
        CHECK(q && (uintptr_t)q % align == 0);
        memset(q, 2, 2 * align);
        CHECK(is_filled(p, align + 100, 1));
        free(p);
        free(q);
    }
    void *p = &p;
    CHECK_EQUAL(posix_memalign(&p, 3, 10), EINVAL);
    CHECK_EQUAL(posix_memalign(&p, 4, 10), EINVAL);
    CHECK_EQUAL(posix_memalign(&p, 64, SIZE_MAX - 100), ENOMEM);
    CHECK_EQUAL(p, &p);
    for (size_t size = 0; size < 3000; size += 7) {
        p = malloc(size);
        CHECK(p && (uintptr_t)p % 16 == 0 && malloc_usable_size(p) >= size);
        free(p);
    }
}

static void test_realloc(void) {
    char *p = NULL;
    size_t size = 0;

    for (size_t next = 1; next < 3000000; next = next * 3 / 2 + 1) {
        p = realloc(p, next);
        CHECK(p && is_filled(p, size, 9));
        memset(p, 9, size = next);
    }
    while (size > 10) {
        size /= 2;
        p = realloc(p, size);
        CHECK(p && is_filled(p, size, 9));
    }
    errno = 0;
    CHECK(!realloc(p, SIZE_MAX - 4096) && errno == ENOMEM);
    errno = 0;
    CHECK(!reallocarray(p, SIZE_MAX / 4, 8) && errno == ENOMEM);
    CHECK(is_filled(p, size, 9));
    errno = 1234;
    free(p);
    free(NULL);
    CHECK_EQUAL(errno, 1234);
    void *a = malloc(0), *b = malloc(0);
    CHECK(a && b && a != b);
    free(a);
    free(b);
    errno = 0;
    CHECK(!calloc(SIZE_MAX / 2, 3) && errno == ENOMEM);
}

/* Every other block of a row is freed; the gaps serve for small blocks again. */
static void test_fragmentation(void) {
    enum { BLOCKS = 4000 };
    static char *blocks[BLOCKS];

    for (size_t i = 0; i < BLOCKS; i++) {
        blocks[i] = malloc(200 + i % 100 * 8);
        memset(blocks[i], (int)i, 200);
    }
    for (size_t i = 0; i < BLOCKS; i += 2)
        free(blocks[i]);
    for (size_t i = 0; i < BLOCKS; i += 2) {
        blocks[i] = calloc(1, 200 + i % 60 * 8);
        CHECK(blocks[i] && is_filled(blocks[i], 200, 0));
    }
    char *large = malloc(8 << 20);
    CHECK(large != NULL);
    memset(large, 1, 8 << 20);
    for (size_t i = 1; i < BLOCKS; i += 2)
        CHECK(is_filled(blocks[i], 200, (char)i));
    for (size_t i = 0; i < BLOCKS; i++)
        free(blocks[i]);
    free(large);
}

static struct {
    char *p;
    size_t size;
    char with;
} slots[300];

static size_t random_size(void) {
    size_t size = 1 + random_below(64);

    return random_below(4) ? size * (1 + random_below(16))
                           : size * (1 + random_below(4000));
}

static void fill_slot(size_t i, char *p, size_t size) {
    slots[i].p = p;
    slots[i].size = size;
    slots[i].with = (char)random_next();
    memset(p, slots[i].with, size);
}

static void run_random(unsigned operations) {
    for (unsigned n = 0; n < operations && !checks_failed; n++) {
        size_t i = random_below(sizeof slots / sizeof *slots), size = random_size();
        char *old = slots[i].p;
        CHECK(!old || is_filled(old, slots[i].size, slots[i].with));
        if (old && random_below(3) == 0) {
            char *p = realloc(old, size);
            size_t kept = size < slots[i].size ? size : slots[i].size;
            CHECK(p && is_filled(p, kept, slots[i].with));
            fill_slot(i, p, size);
        } else if (old) {
            free(old);
            slots[i].p = NULL;
        } else {
            char *p =
                random_below(2) ? malloc(size) : memalign(1ul << random_below(14), size);
            CHECK(p != NULL);
            fill_slot(i, p, size);
        }
    }
    for (size_t i = 0; i < sizeof slots / sizeof *slots; i++) {
        free(slots[i].p);
        slots[i].p = NULL;
    }
}

static void test_random(void) {
    struct sysinfo before, after;

    run_random(8000);
    CHECK_EQUAL(sysinfo(&before), 0);
    for (int i = 0; i < 3; i++)
        run_random(5000);
    CHECK_EQUAL(sysinfo(&after), 0);
#ifdef __atman__ /* a Linux host has other programs */
    CHECK(after.freeram + (1 << 20) / after.mem_unit >= before.freeram);
#endif
}

int main(void) {
    random_start();
    test_zeroed();
    test_alignment();
    test_realloc();
    test_fragmentation();
    test_random();
    return checks_end();
}
