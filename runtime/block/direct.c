/* SPDX-License-Identifier: MIT */
/*
 * O_DIRECT: past the pages in memory, by pages that are there for the time of the call,
 * since requests may end on any thread. What is dirty of the range is written before, and
 * what is in memory of it goes after a write.
 */
#include <errno.h>

#include "block/device.h"
#include "fs/vnode.h"
#include "mm/heap.h"

struct direct {
    struct disk_call call;
    unsigned pages;
    char *page[BLOCK_SEGMENTS];
};

static char *memory(struct block_request *block, size_t page) {
    return LIST_RECORD(block, struct direct, call.request.block)->page[page];
}

static void drop(struct direct *d) {
    for (unsigned i = 0; d && i < d->pages; i++)
        heap_free(d->page[i]);
    heap_free(d);
}

/* With pages for so many bytes, or fewer. NULL: there is none. */
static struct direct *make(size_t size) {
    struct direct *d = heap_alloc(sizeof *d);

    while (d && d->pages < BLOCK_SEGMENTS && d->pages * PAGE_SIZE < size &&
           (d->page[d->pages] = heap_alloc_page()))
        d->pages++;
    if (d && d->pages)
        return d;
    drop(d);
    return NULL;
}

/* As Linux: the memory may lie at any of the protocol's sectors, the place at the disk's.
 */
static bool is_aligned(struct block_device *device, const struct transfer *t,
                       int64_t position) {
    struct block_published is;
    uint64_t place = (uint64_t)position | t->left;

    disk_describe(device->disk, &is);
    return is.sector_size && !(place % is.sector_size) &&
           !((unsigned long)t->at % BLOCK_SECTOR) && !(t->here % BLOCK_SECTOR);
}

static long carry_out(struct block_device *device, struct direct *d, enum block_kind kind,
                      int64_t position, size_t size) {
    struct block_request *block = &d->call.request.block;

    block->kind = kind;
    block->sector = device->first + (uint64_t)position / BLOCK_SECTOR;
    block->count = size / BLOCK_SECTOR;
    block->memory = memory;
    return disk_do(device->disk, &d->call);
}

/* Between the pages and the program's memory, size bytes: how many, or -EFAULT. */
static long copy(struct direct *d, struct transfer *t, bool is_read, size_t size) {
    size_t done = 0;

    while (done < size) {
        size_t some = MIN(size - done, PAGE_SIZE);
        char *page = d->page[done / PAGE_SIZE];
        long n = is_read ? transfer_put(t, page, some) : transfer_get(t, page, some);
        if (n <= 0)
            return done ? (long)done : n;
        done += (size_t)n;
        if ((size_t)n < some)
            break;
    }
    return (long)done;
}

static long read_some(struct block_device *device, struct direct *d, struct transfer *to,
                      int64_t position, size_t size) {
    long error = carry_out(device, d, BLOCK_READ, position, size);

    return error ? error : copy(d, to, true, size);
}

static long write_some(struct block_device *device, struct direct *d, struct transfer *from,
                       int64_t position, size_t size) {
    long n = copy(d, from, false, size);

    if (n <= 0)
        return n;
    if ((size_t)n < size)
        return -EFAULT;
    long error = carry_out(device, d, BLOCK_WRITE, position, size);
    return error ? error : n;
}

typedef long mover(struct block_device *device, struct direct *d, struct transfer *t,
                   int64_t position, size_t size);

static long move(struct block_device *device, struct transfer *t, int64_t position,
                 mover *some) {
    struct direct *d = make(t->left);
    long done = 0, n = d ? 0 : -ENOMEM;

    while (d && t->left) {
        size_t size = MIN(t->left, d->pages * PAGE_SIZE);
        n = some(device, d, t, position + done, size);
        if (n <= 0)
            break;
        done += n;
        if ((size_t)n < size)
            break;
    }
    drop(d);
    return done ? done : n;
}

static long write_dirty(struct block_device *device, const struct transfer *t,
                        int64_t position) {
    unsigned long first = (uint64_t)position / PAGE_SIZE;
    unsigned long end = ((uint64_t)position + t->left + PAGE_SIZE - 1) / PAGE_SIZE;

    return backed_sync(&device->backed, first, end);
}

long block_direct_read(struct block_device *device, struct transfer *to, int64_t position) {
    size_t left = (size_t)(device->vnode->size - position);

    if (!is_aligned(device, to, position))
        return -EINVAL;
    to->left = MIN(to->left, left);
    to->here = MIN(to->here, to->left);
    long error = write_dirty(device, to, position);
    return error ? error : move(device, to, position, read_some);
}

long block_direct_write(struct block_device *device, struct transfer *from,
                        int64_t position) {
    unsigned long first = (uint64_t)position / PAGE_SIZE;
    unsigned long end = ((uint64_t)position + from->left + PAGE_SIZE - 1) / PAGE_SIZE;

    if (!is_aligned(device, from, position))
        return -EINVAL;
    long error = write_dirty(device, from, position);
    if (error)
        return error;
    long n = move(device, from, position, write_some);
    backed_drop(&device->backed, first, end);
    return n;
}
