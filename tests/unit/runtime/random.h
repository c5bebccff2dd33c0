/* SPDX-License-Identifier: MIT */
/*
 * Pseudo-random numbers for tests. A run is repeated exactly by its seed, which is
 * printed at the start and can be given as ATMAN_TEST_SEED.
 */
#ifndef ATMAN_TEST_RANDOM_H
#define ATMAN_TEST_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* From ATMAN_TEST_SEED, else from the clock. Prints it. */
uint64_t random_seed(void);

/* All numbers that follow are seed's. */
void random_start(uint64_t seed);

uint64_t random_next(void);

/* From 0 to limit - 1; limit must not be 0. */
size_t random_below(size_t limit);

/* From low to high, both included. */
size_t random_between(size_t low, size_t high);

/* True in one case of n. */
bool random_one_in(unsigned n);

/* 0 to 2^64 - 1 with every order of magnitude alike, so that small and huge ones occur. */
uint64_t random_magnitude(void);

#endif
