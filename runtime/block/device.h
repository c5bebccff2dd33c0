/* SPDX-License-Identifier: MIT */
/*
 * Block devices: a disk, or a partition of one, as it can be opened. Each has pages of its
 * own (fs/backed.h), as under Linux: what was written to a partition is to be seen on the
 * disk after fsync or the last close, and on the partition what was read before is not read
 * again as long as it is open.
 */
#ifndef ATMAN_BLOCK_DEVICE_H
#define ATMAN_BLOCK_DEVICE_H

#include "block/disk.h"
#include "fs/backed.h"
#include "fs/file.h"

struct block_device {
    struct backed backed; /* the first member */
    struct disk *disk;    /* a reference */
    struct vnode *vnode;  /* of its contents; a reference, until block_device_drop */
    uint64_t first;       /* sector of the disk */
    bool is_whole;        /* then it is as large as the disk is now, else: */
    uint64_t count;       /* sectors */
    uint32_t opens;       /* atomic */
};

/* A new one. NULL: no memory. */
struct block_device *block_device_make(struct disk *disk, bool is_whole, uint64_t first,
                                       uint64_t count);

/* Its user goes; it goes itself when it is neither open nor mapped any more. */
void block_device_drop(struct block_device *device);

/* The file, which has no operations yet, becomes one of it. */
void block_device_open(struct block_device *device, struct file *file);

/* The vnode's size is what it is now; with its lock held. */
void block_device_measure(struct block_device *device);

/* What is dirty of bytes [start, end) is written, and the disk flushed. */
long block_device_sync(struct block_device *device, int64_t start, int64_t end);

/* control.c: file_ops' ioctl. */
long block_device_control(struct file *file, unsigned request, unsigned long argument);

/* direct.c: O_DIRECT's read and write; with the vnode's lock held. The transfer lies within
 * the device. */
long block_direct_read(struct block_device *device, struct transfer *to, int64_t position);
long block_direct_write(struct block_device *device, struct transfer *from,
                        int64_t position);

#endif
