/* SPDX-License-Identifier: MIT */
/* Linux's requests for block devices (linux/fs.h). */
#include <errno.h>
#include <linux/fs.h>

#include "block/device.h"
#include "block/nodes.h"
#include "fs/vnode.h"
#include "mm/heap.h"
#include "pv/access.h"

static long put(unsigned long to, uint64_t value, size_t size) {
    return user_write((void *)to, &value, size);
}

/* The largest that the device is a multiple of. */
static unsigned block_size(const struct block_device *device, unsigned sector_size) {
    uint64_t size = (uint64_t)device->vnode->size;
    unsigned n = sector_size;

    while (n < PAGE_SIZE && !(size & n))
        n *= 2;
    return n;
}

static long set_block_size(unsigned long from, unsigned sector_size) {
    int size;

    if (user_read(&size, (const void *)from, sizeof size))
        return -EFAULT;
    return size >= (int)sector_size && size <= (int)PAGE_SIZE && !(size & (size - 1))
               ? 0
               : -EINVAL;
}

/* What is in memory goes, once it is on the disk. */
static long forget(struct block_device *device, uint64_t start, uint64_t end) {
    long error = backed_sync(&device->backed, start / PAGE_SIZE, end / PAGE_SIZE + 1);

    if (!error)
        backed_drop(&device->backed, start / PAGE_SIZE, (end + PAGE_SIZE - 1) / PAGE_SIZE);
    return error;
}

struct clearing {
    struct disk_call call;
    char *page; /* of zeros */
};

static char *zeros(struct block_request *block, size_t page) {
    (void)page;
    return LIST_RECORD(block, struct clearing, call.request.block)->page;
}

struct range {
    uint64_t start, size; /* bytes */
};

/* In Linux's order. */
static long check_range(struct file *file, const struct block_published *is,
                        unsigned long from, enum block_kind kind, struct range *range) {
    struct block_device *device = file->object;
    uint64_t end;

    if (!file_writes(file))
        return -EBADF;
    if (kind == BLOCK_DISCARD && !is->offer.discard)
        return -EOPNOTSUPP;
    if (user_read(range, (const void *)from, sizeof *range))
        return -EFAULT;
    if (range->start % BLOCK_SECTOR || range->size % BLOCK_SECTOR ||
        __builtin_add_overflow(range->start, range->size, &end) ||
        end > (uint64_t)device->vnode->size || !range->size)
        return -EINVAL;
    if (is->is_read_only)
        return -EPERM;
    return range->start % is->sector_size || range->size % is->sector_size ? -EINVAL : 0;
}

/* A discard, or zeros written. With the vnode's lock held. */
static long clear(struct file *file, const struct block_published *is, unsigned long from,
                  enum block_kind kind) {
    struct block_device *device = file->object;
    struct clearing c = {.call.request.block = {.kind = kind, .memory = zeros}};
    struct range range;

    long error = check_range(file, is, from, kind, &range);
    if (error)
        return error;
    error = forget(device, range.start, range.start + range.size);
    c.page = kind == BLOCK_WRITE && !error ? heap_alloc(PAGE_SIZE) : NULL;
    if (kind == BLOCK_WRITE && !error && !c.page)
        error = -ENOMEM;
    c.call.request.block.sector = device->first + range.start / BLOCK_SECTOR;
    c.call.request.block.count = range.size / BLOCK_SECTOR;
    if (!error)
        error = disk_do(device->disk, &c.call);
    backed_drop(&device->backed, range.start / PAGE_SIZE,
                (range.start + range.size + PAGE_SIZE - 1) / PAGE_SIZE);
    heap_free(c.page);
    return error;
}

static long change(struct file *file, const struct block_published *is, unsigned request,
                   unsigned long argument) {
    struct block_device *device = file->object;

    switch (request) {
    case BLKFLSBUF:
        return forget(device, 0, (uint64_t)device->vnode->size);
    case BLKDISCARD:
        return clear(file, is, argument, BLOCK_DISCARD);
    case BLKZEROOUT:
        return clear(file, is, argument, BLOCK_WRITE);
    case BLKSECDISCARD: /* as where a backend does not offer it */
        return file_writes(file) ? -EOPNOTSUPP : -EBADF;
    case BLKBSZSET:
        return set_block_size(argument, is->sector_size);
    default:
        return -ENOTTY;
    }
}

static long tell(struct block_device *device, const struct block_published *is,
                 unsigned request, unsigned long argument) {
    uint64_t size = (uint64_t)device->vnode->size;

    switch (request) {
    case BLKGETSIZE64:
        return put(argument, size, sizeof(uint64_t));
    case BLKGETSIZE:
        return put(argument, size / BLOCK_SECTOR, sizeof(long));
    case BLKSSZGET:
        return put(argument, is->sector_size, sizeof(int));
    case BLKPBSZGET:
    case BLKIOMIN:
        return put(argument, is->physical, sizeof(int));
    case BLKBSZGET:
        return put(argument, block_size(device, is->sector_size), sizeof(int));
    case BLKROGET:
        return put(argument, is->is_read_only, sizeof(int));
    case BLKIOOPT:
    case BLKALIGNOFF:
    case BLKDISCARDZEROES:
        return put(argument, 0, sizeof(int));
    case BLKROTATIONAL:
        return put(argument, 0, sizeof(short));
    default:
        return -ENOTTY;
    }
}

long block_device_control(struct file *file, unsigned request, unsigned long argument) {
    struct block_device *device = file->object;
    struct block_published is;

    if (request == BLKRRPART)
        return device->is_whole ? nodes_reread(device) : -EINVAL;
    disk_describe(device->disk, &is);
    mutex_take(&device->vnode->lock);
    block_device_measure(device);
    long result = tell(device, &is, request, argument);
    if (result == -ENOTTY)
        result = change(file, &is, request, argument);
    mutex_drop(&device->vnode->lock);
    return result;
}
