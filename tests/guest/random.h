/* SPDX-License-Identifier: MIT */
/*
 * Random numbers that the runner's seed repeats (TEST_SEED in the environment); the seed is
 * fresh in every run, and the runner prints it.
 */
#ifndef ATMAN_TESTS_RANDOM_H
#define ATMAN_TESTS_RANDOM_H

#include <stdint.h>
#include <stdlib.h>

static uint64_t random_state;

static inline void random_start(void) {
    const char *seed = getenv("TEST_SEED");

    random_state = seed ? strtoull(seed, NULL, 10) : 1;
}

/* splitmix64 */
static inline uint64_t random_next(void) {
    uint64_t z = random_state += 0x9e3779b97f4a7c15;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

/* 0 to limit - 1; limit is not 0. */
static inline uint64_t random_below(uint64_t limit) {
    return random_next() % limit;
}

#endif
