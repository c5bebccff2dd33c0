/* SPDX-License-Identifier: MIT */
/*
 * The other end of block/ring.h: pages to be shared, a disk, and a backend that does as
 * the protocol says and ends the test if the ring does not.
 */
#ifndef ATMAN_TEST_BLOCKEND_H
#define ATMAN_TEST_BLOCKEND_H

#include "block/ring.h"

enum {
    BLOCKEND_SECTORS = 3000,
    BLOCKEND_HANDLE = 51712,
    BLOCKEND_PAGES = 2000, /* that are ever made */
};

extern const struct block_ring_ops blockend_ops;
extern char blockend_disk[BLOCKEND_SECTORS][BLOCK_SECTOR];

/* How many pages may be in the ring's hands; less than that means that memory is short. */
extern unsigned blockend_most;
extern unsigned blockend_pages; /* that are */

/* A page by its reference; NULL if the ring has none of that. */
char *blockend_page(uint32_t ref);

/* One in so many answers is an error; one in so many says that it cannot do that. 0: none.
 */
extern unsigned blockend_errors, blockend_unable;

/* The backend has the ring. */
void blockend_connect(struct block_ring *ring, const struct block_offer *offer);

/* It has not any more, and forgets what it was to do. */
void blockend_disconnect(void);

/* There is something that it may do: it was notified, or is not done. */
bool blockend_is_busy(void);

/* Takes requests, gives at most that many answers, of any that it has. */
void blockend_act(unsigned answers);

/* An event has come; asking forgets it. */
bool blockend_has_event(void);

/* Writes that were done, and how many of them the latest flush was about. */
extern unsigned long blockend_writes, blockend_flushed;
/* What came: requests with a list of segments; flushes; discards. */
extern unsigned long blockend_indirect, blockend_flushes, blockend_discards;

#endif
