/* SPDX-License-Identifier: MIT */
/*
 * One call each to mm/space.h with random arguments, sensible ones and others, checked
 * against the model, which then goes along. A call may fail for lack of memory only when
 * there is little, and then nothing has changed but what MAP_FIXED and MREMAP_FIXED clear
 * first.
 */
#ifndef ATMAN_TEST_SPACE_CALLS_H
#define ATMAN_TEST_SPACE_CALLS_H

#include "base.h"

enum { CALLS_LONGEST = 40 /* pages, of an ordinary request */ };

void calls_map(void);
void calls_unmap(void);
void calls_protect(void);
void calls_discard(void);
void calls_populate(void);
void calls_fault(void);
void calls_check(void);
void calls_break(void);
void calls_remap(void);

/* Not a call: the program writes to memory that it may write to. */
void calls_write(void);

/* --- what they have in common -------------------------------------------------- */

int calls_random_protection(void);

/* Bytes: mostly some pages, now and then 0, a little less, or more than there can be. */
size_t calls_random_size(void);

/* Mostly the start of a page in a window; now and then something else. */
unsigned long calls_random_address(void);

/* Bytes in pages, rounded up. */
size_t calls_to_pages(size_t size);

/* The range is one that the program can have. */
bool calls_is_range(unsigned long start, size_t size);

/* error says that memory is gone, and there may be too little for so many pages. */
bool calls_is_short(long error, size_t pages);

/* The lowest address that may be chosen for so many pages. */
unsigned long calls_find_gap(size_t pages);

#endif
