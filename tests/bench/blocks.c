/* SPDX-License-Identifier: MIT */
/* A list is enough: it is walked twice for each operation. */
#include "blocks.h"

#include <stdlib.h>

struct block {
    struct block *next;
    uint64_t va, count;
};

static struct block *blocks;

uint64_t *block_counter(uint64_t va) {
    struct block *block = malloc(sizeof *block);

    if (!block)
        return NULL;
    *block = (struct block){blocks, va, 0};
    blocks = block;
    return &block->count;
}

void blocks_reset(void) {
    for (struct block *block = blocks; block; block = block->next)
        block->count = 0;
}

void blocks_print(FILE *out) {
    for (struct block *block = blocks; block; block = block->next)
        if (block->count)
            fprintf(out, "block\t0x%llx\t%llu\n", (unsigned long long)block->va,
                    (unsigned long long)block->count);
    fflush(out);
}
