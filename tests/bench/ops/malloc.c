/* SPDX-License-Identifier: MIT */
/* Mixes of malloc and free: a fixed number of blocks live at a time, and each step replaces
 * a random one by one of random size, whose first and last byte are written. */
#include "op.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define MOST_LIVE 1024

static volatile char *live[MOST_LIVE];
static uint32_t state = 1;

/* Numerical Recipes' linear congruential generator; its upper bits are the random ones. */
static uint32_t next_random(void) {
    state = state * 1664525 + 1013904223;
    return state >> 8;
}

/* A size of 2^low to 2^high bytes: each power of two is equally likely, evenly spread
 * between it and the next. */
static size_t random_size(unsigned low, unsigned high) {
    size_t power = (size_t)1 << (low + next_random() % (high - low));

    return power + next_random() % power;
}

static void mix(unsigned long count, unsigned blocks, unsigned low, unsigned high) {
    while (count--) {
        unsigned slot = next_random() % blocks;
        size_t size = random_size(low, high);

        free((void *)live[slot]);
        live[slot] = malloc(size);
        if (!live[slot])
            op_fail("malloc", 0);
        live[slot][0] = live[slot][size - 1] = 1;
    }
}

static void small_run(unsigned long count) {
    mix(count, 1024, 4, 9);
}

static void mixed_run(unsigned long count) {
    mix(count, 256, 4, 17);
}

static void large_run(unsigned long count) {
    mix(count, 16, 17, 21);
}

const struct op op_malloc_small = {"malloc_small", 1, 20000, NULL, small_run, 5000};
const struct op op_malloc_mixed = {"malloc_mixed", 1, 10000, NULL, mixed_run, 2000};
const struct op op_malloc_large = {"malloc_large", 1, 500, NULL, large_run, 100};
