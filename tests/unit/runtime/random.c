/* SPDX-License-Identifier: MIT */
/* Steele, Lea and Flood's SplitMix: one word of state, every seed is a good one. */
#include "random.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static uint64_t state;

uint64_t random_seed(void) {
    const char *given = getenv("ATMAN_TEST_SEED");
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t seed = given ? strtoull(given, NULL, 0)
                          : (uint64_t)now.tv_sec * 1000003 + (uint64_t)now.tv_nsec;
    printf("seed %llu; to repeat: ATMAN_TEST_SEED=%llu\n", (unsigned long long)seed,
           (unsigned long long)seed);
    fflush(stdout);
    return seed;
}

void random_start(uint64_t seed) {
    state = seed;
}

uint64_t random_next(void) {
    uint64_t z = state += 0x9e3779b97f4a7c15;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

size_t random_below(size_t limit) {
    return random_next() % limit;
}

size_t random_between(size_t low, size_t high) {
    return low + random_below(high - low + 1);
}

bool random_one_in(unsigned n) {
    return !random_below(n);
}

uint64_t random_magnitude(void) {
    return random_next() >> random_below(64);
}
