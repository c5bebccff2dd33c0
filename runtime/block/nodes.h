/* SPDX-License-Identifier: MIT */
#ifndef ATMAN_BLOCK_NODES_H
#define ATMAN_BLOCK_NODES_H

struct block_device;

/* The partitions of that disk, which is a whole one, are looked for again. -EBUSY: one is
 * open. */
long nodes_reread(struct block_device *device);

#endif
