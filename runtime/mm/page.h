/* SPDX-License-Identifier: MIT */
/*
 * The domain's memory, a page at a time. Every page is handed out by its address in the
 * direct map (pv/pagetable.h), writable there and all zero; what is mapped for the program
 * is such a page at a second address. The direct map is extended when it is needed, so the
 * cost of a start does not depend on the domain's size.
 *
 * All but page_alloc_kernel, page_free_kernel and the counts want mm_lock held (mm/lock.h).
 */
#ifndef ATMAN_MM_PAGE_H
#define ATMAN_MM_PAGE_H

#include "base.h"

/*
 * Called once. Free memory begins at frame first; the builder mapped frames up to
 * mapped_end; the domain has frames below end, and never any from limit on.
 */
void page_init(pfn_t first, pfn_t mapped_end, pfn_t end, pfn_t limit);

/* A page, or NULL if memory is gone. Page tables may change on the way. */
void *page_take(void);

/*
 * Takes back what page_take gave: mapped writable in the direct map, and nowhere else, nor
 * remembered by a processor.
 */
void page_give(void *page);

/* Sees to it that the next count pages, if there are so many, come without delay. */
void page_prepare(size_t count);

/* The frame is one that page_take gives, not of the image or what the builder put there. */
bool page_is_given(pfn_t pfn);

/* Frames [first, end), which the builder put something into, and which are mapped, are from
 * now on such as page_take gives. Once. */
void page_own(pfn_t first, pfn_t end);

/* page_take and page_give for the rooms above, which do not hold mm_lock. */
void *page_alloc_kernel(void);
void page_free_kernel(void *page);

/* Pages that page_take can still give. */
size_t page_count_free(void);

/* How many were not free when that were most. */
size_t page_count_most(void);

/* All frames that the domain has. */
size_t page_count(void);

/* Its frames are below the one, now, and below the other as long as it runs. */
pfn_t page_end(void);
pfn_t page_limit(void);

/*
 * For mm/balloon.c. The end moves down, by at most so many frames, which were never mapped
 * (how many), or up. page_lose: one that page_take gave is the domain's no more; its page
 * comes back as page_regain's, mapped as for page_give.
 */
size_t page_cut(size_t most);
void page_extend(size_t count);
void page_lose(void);
void page_regain(void *page);

#endif
