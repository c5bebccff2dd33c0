/* SPDX-License-Identifier: MIT */
/*
 * The runtime's own small memory: records of all kinds, up to a page. Sizes are rounded up
 * to one of a few classes; a page holds records of one class, and goes back when it holds
 * none. May be called wherever mm_lock may be taken.
 */
#ifndef ATMAN_MM_HEAP_H
#define ATMAN_MM_HEAP_H

#include "base.h"

/* size bytes (at most PAGE_SIZE), zeroed, aligned to 16; NULL if there is no memory. */
void *heap_alloc(size_t size);

/* What heap_alloc gave, or NULL. */
void heap_free(void *record);

/*
 * A page for contents that others than the program's own memory have: zeroed, or NULL if
 * afterwards there were not enough for what the program was promised.
 */
void *heap_alloc_page(void);

/*
 * Pages for what stays, such as a file's contents or name: what is free less what was
 * promised and a few pages for records that come and go (a path, an open file). With 0
 * nothing that stays is to be made.
 */
size_t heap_left(void);

#endif
