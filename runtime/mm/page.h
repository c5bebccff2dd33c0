/* SPDX-License-Identifier: MIT */
/*
 * The domain's memory, frame by frame. Two kinds of pages are handed out:
 *
 * - program pages, which are mapped nowhere yet (or only in the direct map, unused);
 * - kernel pages, mapped writable in the direct map: page tables and the runtime's data.
 *
 * Program pages come from the top of memory downward, kernel pages from the end of the
 * builder's mapping upward, so that the direct map stays dense and needs few tables.
 * Nothing is done per frame at start: the cost does not depend on the domain's size.
 */
#ifndef ATMAN_MM_PAGE_H
#define ATMAN_MM_PAGE_H

#include "base.h"

#define PFN_NONE (~0ul)

/*
 * Called once. Free memory begins at frame first; the builder mapped frames up to
 * mapped_end; the domain has frames below end.
 */
void page_init(pfn_t first, pfn_t mapped_end, pfn_t end);

/* A frame with arbitrary contents, or PFN_NONE if memory is gone. */
pfn_t page_alloc(void);

/* Takes back what page_alloc gave; the frame must not be mapped any more. */
void page_free(pfn_t pfn);

/* A kernel page, all zero, at its direct-map address; NULL if memory is gone. */
void *page_alloc_kernel(void);

/* Takes back what page_alloc_kernel gave; it must be writable where it was given. */
void page_free_kernel(void *page);

/* Frames that page_alloc can still give; some less when it takes tables to map them. */
size_t page_count_free(void);

/* All frames of the domain. */
size_t page_count(void);

#endif
