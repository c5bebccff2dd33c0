/* SPDX-License-Identifier: MIT */
/*
 * What a program's address space should be: an entry for every page of three windows, the
 * heap's beginning, where mappings begin, and the end of the space. A page's contents are
 * one number, its tag, repeated; new memory's tag is 0.
 */
#ifndef ATMAN_TEST_SPACE_MODEL_H
#define ATMAN_TEST_SPACE_MODEL_H

#include "machine/machine.h"

/* Pages of each window; the heap's has as many again for what begins in it. */
enum {
    MODEL_STACK = 4, /* pages of the main thread's stack that are there from the start */
    MODEL_STACK_SIZE = 40 << PAGE_SHIFT,
    MODEL_HEAP = 64,
    MODEL_MAPPINGS = 2048,
    MODEL_LAST = 64,
    MODEL_NONE = -1
};

#define MODEL_HEAP_END (SPACE_START + (1ul << 38))

struct model_page {
    int prot; /* MODEL_NONE: not mapped */
    bool charged;
    uint64_t tag;
};

/* A fake machine with the runtime's page allocator, and nothing mapped but the image and a
 * stack. Returns the stack's end. */
unsigned long model_start(const struct machine_plan *plan);

/* The page at va, which must be in one of the windows. */
struct model_page *model_at(unsigned long va);

/* va is in a window. */
bool model_has(unsigned long va);

/* An address in a window; half of them in one place, where they meet. */
unsigned long model_random_address(void);

/* All pages from start on are free, or mapped; as the page like is, if it is not NULL. */
bool model_is_free(unsigned long start, size_t pages);
bool model_is_mapped(unsigned long start, size_t pages, const struct model_page *like);

/* New memory of that protection; or none, with MODEL_NONE. */
void model_set(unsigned long start, size_t pages, int prot, bool charged);

/* What is mapped in the range contains zeros. */
void model_clear(unsigned long start, size_t size);

/* A touch of the page at va: true if it is there afterwards, false if memory is gone. */
bool model_touch(unsigned long va, unsigned access);

/* Pages that are mapped. */
size_t model_count(void);

/*
 * Compares the areas, the page tables and the frames with the model, and what is free
 * with what should be. Contents are read to the last word if thorough.
 */
void model_verify(bool thorough);

/* Nothing is mapped, and no table is left of what was. */
void model_verify_empty(void);

#endif
