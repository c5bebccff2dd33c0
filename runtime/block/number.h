/* SPDX-License-Identifier: MIT */
/*
 * The toolstack's numbers of disks (docs/man/xen-vbd-interface.7 of Xen) and what Linux
 * makes of them: a name, and device numbers. A PV guest's disks are all called xvd, also
 * those that have an hd's or an sd's number.
 */
#ifndef ATMAN_BLOCK_NUMBER_H
#define ATMAN_BLOCK_NUMBER_H

#include "base.h"

enum { BLOCK_NAME = 16 };

struct block_number {
    unsigned major, minor;
    unsigned places;       /* minors it has, for itself and its partitions */
    char name[BLOCK_NAME]; /* "xvda", or "xvda1" of what is a partition by number */
    bool is_partition;     /* it has none of its own */
};

/* text: decimal. False: there is no such disk. */
bool block_number(const char *text, struct block_number *number);

/* The name of a partition of it. */
void block_number_partition(const struct block_number *disk, unsigned partition,
                            char name[BLOCK_NAME]);

/* major and minor as st_rdev has them. */
uint64_t block_number_device(unsigned major, unsigned minor);

#endif
