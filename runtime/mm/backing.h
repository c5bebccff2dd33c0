/* SPDX-License-Identifier: MIT */
/* The memory behind address ranges: which frame each page has, if any. */
#ifndef ATMAN_MM_BACKING_H
#define ATMAN_MM_BACKING_H

#include "base.h"

/* How many pages of the range have no frame. */
size_t backing_count_missing(unsigned long start, unsigned long end);

/*
 * Gives every page of the range that has no frame one of zeros, readable and writable.
 * -ENOMEM: pages that had none may have none.
 */
int backing_fill(unsigned long start, unsigned long end);

/* Changes what may be done with the pages that have frames. */
void backing_protect(unsigned long start, unsigned long end, int prot);

/* Gives the frames back. */
void backing_drop(unsigned long start, unsigned long end);

/* Moves the frames of [from, from + size) to where nothing is mapped. -ENOMEM: not moved.
 */
int backing_move(unsigned long from, unsigned long to, size_t size, int prot);

#endif
