/* SPDX-License-Identifier: MIT */
/*
 * The memory behind address ranges: which page each address has, if any. All ranges are
 * whole pages; mm_lock is held.
 */
#ifndef ATMAN_MM_BACKING_H
#define ATMAN_MM_BACKING_H

#include "base.h"

/* The range's pages, whatever is said of "memory", do not count objects' pages as theirs.
 */

/* How many pages of the range have no memory. */
size_t backing_count_missing(unsigned long start, unsigned long end);

/*
 * Gives the pages of the range that have no memory some, zeroed, to be used as prot says.
 * Adds their number to count. -ENOMEM if there was not enough; what was given stays.
 */
int backing_fill(unsigned long start, unsigned long end, unsigned prot, size_t *count);

/* Changes what may be done with the pages that have memory. */
void backing_protect(unsigned long start, unsigned long end, unsigned prot);

/*
 * Gives the memory back; how many pages. No other page of [low, high), which the range is
 * within, has memory: there, tables can go.
 */
size_t backing_drop(unsigned long start, unsigned long end, unsigned long low,
                    unsigned long high);

/* The entries of objects' pages are empty. The pages themselves stay their objects'. */
void backing_forget(unsigned long start, unsigned long end);

/*
 * Queues the entry of the page at va, to be used as prot says: page is its area's own, or
 * as kind (PTE_OBJECT, PTE_ASK) says. -ENOMEM: there is no memory for a table.
 */
int backing_set(unsigned long va, const void *page, unsigned prot, unsigned long kind);

/* Moves the memory of [from, from + size) to where there is none. -ENOMEM: not moved. */
int backing_move(unsigned long from, unsigned long to, size_t size, unsigned prot);

/*
 * Gives back tables that nothing is mapped by. It can be done late, as an empty table does
 * no harm, and be worth while when memory is short. Whether there were any.
 */
bool backing_sweep(void);

/* The same, and what can be had again if it goes, some at a time. What was queued is done
 * before. */
bool backing_make_room(void);

/* Frees some pages, which no entry refers to afterwards; whether it did. NULL as long as
 * there are none. */
extern bool (*backing_reclaim)(void);

/* The pages that it has to choose from. */
extern size_t backing_kept;

/* Entries of objects' pages that can be written to through become such that ask. */
void backing_ask(unsigned long start, unsigned long end, unsigned prot);

#endif
