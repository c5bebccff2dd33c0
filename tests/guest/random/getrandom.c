/* SPDX-License-Identifier: MIT */
/* Random bytes: any size, no pattern that is easily seen, errors for unknown flags. */
// native:
// stdout-from: checks
#define _GNU_SOURCE
#include <stdint.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/random.h>
#include <unistd.h>

#include "check.h"

enum { SIZE = 100000, INSECURE = 4 /* GRND_INSECURE */ };
static unsigned char bytes[SIZE];

/* Bounds so wide that good random bytes never miss them (10 standard deviations). */
static void check_spread(const unsigned char *p, size_t size) {
    unsigned count[256] = {0};
    size_t ones = 0;

    for (size_t i = 0; i < size; i++) {
        count[p[i]]++;
        ones += (size_t)__builtin_popcount(p[i]);
    }
    CHECK(ones > size * 8 / 100 * 49 && ones < size * 8 / 100 * 51);
    for (size_t i = 0; i < 256; i++)
        CHECK(count[i] > 190 && count[i] < 590);
}

static int compare(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

static void test_distinct(void) {
    static uint64_t words[SIZE / 8];

    memcpy(words, bytes, sizeof words);
    qsort(words, SIZE / 8, sizeof *words, compare);
    for (size_t i = 1; i < SIZE / 8; i++)
        CHECK(words[i] != words[i - 1]);
}

/* Every size is filled to its last byte and not beyond. */
static void test_sizes(void) {
    for (size_t size = 0; size < 70; size++) {
        unsigned char or_first = 0, or_last = 0;
        for (int i = 0; i < 30; i++) {
            unsigned char part[80];
            memset(part, 0, sizeof part);
            CHECK_EQUAL(getrandom(part, size, 0), size);
            or_first |= part[0];
            or_last |= size ? part[size - 1] : 0;
            CHECK_EQUAL(part[size], 0);
        }
        CHECK(!size == !or_first && !size == !or_last);
    }
}

int main(void) {
    CHECK_EQUAL(getrandom(bytes, SIZE, 0), SIZE);
    check_spread(bytes, SIZE);
    test_distinct();
    test_sizes();
    CHECK_EQUAL(getrandom(bytes, 256, GRND_NONBLOCK), 256);
    CHECK_EQUAL(getrandom(bytes, 256, GRND_RANDOM | GRND_NONBLOCK), 256);
    CHECK_EQUAL(getrandom(bytes, 256, INSECURE | GRND_NONBLOCK), 256);
    CHECK_FAILS(getrandom(bytes, 1, INSECURE | GRND_RANDOM), EINVAL);
    CHECK_FAILS(getrandom(bytes, 1, 0x100), EINVAL);
    CHECK_FAILS(getrandom(bytes, 1, ~0u), EINVAL);
    CHECK_EQUAL(getentropy(bytes, 256), 0);
    CHECK_FAILS(getentropy(bytes, 257), EIO);
    const unsigned char *start = (const unsigned char *)getauxval(AT_RANDOM);
    CHECK(start && memcmp(start, bytes, 16) != 0 && memcmp(start, start + 8, 8) != 0);
    return checks_end();
}
