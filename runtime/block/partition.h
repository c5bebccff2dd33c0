/* SPDX-License-Identifier: MIT */
/*
 * The partitions of a disk, numbered as Linux does: of an MBR the first four are 1 to 4 and
 * logical ones begin with 5; of a GPT the number is that of the entry.
 *
 * What is on the disk is not trusted: whatever it says, the reads are some hundred, and
 * what is found lies within the disk.
 */
#ifndef ATMAN_BLOCK_PARTITION_H
#define ATMAN_BLOCK_PARTITION_H

#include "base.h"

struct partition {
    unsigned number;
    uint64_t first, count; /* sectors of 512 bytes */
};

struct partition_disk {
    /* Reads that sector. 0 or an error. */
    long (*read)(struct partition_disk *disk, uint64_t sector, void *buffer);
    uint64_t sectors;     /* of sector_size; all of them less than 2^63 bytes */
    unsigned sector_size; /* a power of two, 512 to 4096 */
    void *buffer;         /* of that size, aligned to 8, and nobody else's meanwhile */
};

/*
 * Up to most partitions; how many there are, 0 if there is no table. An error if the first
 * sector could not be read. What cannot be read of the rest is not there.
 */
long partition_find(struct partition_disk *disk, struct partition *found, size_t most);

#endif
