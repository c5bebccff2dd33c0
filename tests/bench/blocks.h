/* SPDX-License-Identifier: MIT */
/* Instructions executed per translated block, for a profile. QEMU may translate a block
 * more than once; each gets a counter, and those of one address are added up by who reads.
 */
#ifndef ATMAN_BENCH_BLOCKS_H
#define ATMAN_BENCH_BLOCKS_H

#include <stdint.h>
#include <stdio.h>

/* A new counter for a block at `va`; lives as long as the plugin. NULL: out of memory. */
uint64_t *block_counter(uint64_t va);

/* Sets all counters to zero. */
void blocks_reset(void);

/* Writes a line "block, address, instructions" for each counter that is not zero. */
void blocks_print(FILE *out);

#endif
