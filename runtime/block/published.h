/* SPDX-License-Identifier: MIT */
/*
 * What a disk's backend has published, as numbers that can be used: its values are text
 * that may be anything. What only makes things faster counts as not offered if it makes no
 * sense; a disk without a size that makes sense is refused.
 */
#ifndef ATMAN_BLOCK_PUBLISHED_H
#define ATMAN_BLOCK_PUBLISHED_H

#include "block/ring.h"

struct block_published {
    uint64_t sectors;     /* of 512 bytes, whatever sector_size is; 0: no medium */
    unsigned sector_size; /* to which requests are to be aligned: 512 to 4096 */
    unsigned physical;    /* what it writes best: sector_size or a multiple, to 65536 */
    bool is_read_only, is_removable, is_cdrom;
    uint32_t discard_unit, discard_start; /* bytes; 0: not offered */
    struct block_offer offer;
};

/*
 * The node of that name in the backend's directory: its length and as much of it as there
 * is room for, or an error: it is not there.
 */
struct block_reader {
    long (*read)(struct block_reader *reader, const char *name, char *value, size_t size);
};

/* How many pages the ring may have, at most most: a power of two. Before it is made. */
unsigned block_published_pages(struct block_reader *reader, unsigned most);

/* When the backend is connected, or has changed something. 0, or -EINVAL. */
long block_published_read(struct block_reader *reader, struct block_published *to);

#endif
