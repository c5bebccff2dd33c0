/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "block/device.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "block/end.h"
#include "fs/vnode.h"
#include "mm/heap.h"

/* --- pages -------------------------------------------------------------------------- */

struct page_request {
    struct disk_request request;
    struct block_device *device;
    unsigned long first;
    size_t count;
};

static char *page_memory(struct block_request *block, size_t page) {
    struct page_request *r = LIST_RECORD(block, struct page_request, request.block);

    return backed_in_flight(&r->device->backed, r->first + page);
}

static void complete(struct page_request *r, long error) {
    bool is_write = r->request.block.kind == BLOCK_WRITE;

    (is_write ? backed_written : backed_filled)(&r->device->backed, r->first, r->count,
                                                error);
}

static void end(struct disk_request *request) {
    struct page_request *r = LIST_RECORD(request, struct page_request, request);

    complete(r, request->block.error);
    heap_free(r);
}

/* The pages lie within the device, but for the end of the last one. */
static void start(struct backed *b, unsigned long first, size_t count,
                  enum block_kind kind) {
    struct block_device *device = (struct block_device *)b;
    struct page_request *r = heap_alloc(sizeof *r);
    struct page_request failed = {.device = device, .first = first, .count = count};
    uint64_t at = first * BLOCK_PAGE_SECTORS;
    uint64_t sectors = (uint64_t)device->vnode->size / BLOCK_SECTOR;

    failed.request.block.kind = kind;
    if (!r || at >= sectors) {
        complete(&failed, r ? -EIO : -ENOMEM);
        heap_free(r);
        return;
    }
    *r = failed;
    r->request.end = end;
    r->request.block.sector = device->first + at;
    r->request.block.count = MIN(sectors - at, (uint64_t)count * BLOCK_PAGE_SECTORS);
    r->request.block.memory = page_memory;
    disk_submit(device->disk, &r->request);
}

static void fill(struct backed *b, unsigned long first, size_t count) {
    start(b, first, count, BLOCK_READ);
}

static void write_back(struct backed *b, unsigned long first, size_t count) {
    start(b, first, count, BLOCK_WRITE);
}

static const struct backed_ops backed_ops = {.fill = fill, .write = write_back};

/* --- its life ----------------------------------------------------------------------- */

static void release_contents(struct vnode *vnode) {
    struct block_device *device = vnode->own;

    backed_free(&device->backed);
    disk_drop(device->disk);
    heap_free(device);
}

static const struct vnode_ops contents_ops = {.release = release_contents};

static int64_t measure(const struct block_device *device) {
    struct block_published is;

    disk_describe(device->disk, &is);
    return (int64_t)(device->is_whole ? is.sectors : device->count) * BLOCK_SECTOR;
}

/* A last page that was not whole has zeros where there is something now. */
void block_device_measure(struct block_device *device) {
    struct backed *b = &device->backed;
    int64_t now = measure(device), was = device->vnode->size;
    unsigned long last = (uint64_t)was / PAGE_SIZE;

    if (now == was)
        return;
    if (now > was && (uint64_t)was % PAGE_SIZE) {
        backed_sync(b, last, last + 1);
        backed_drop(b, last, last + 1);
    }
    device->vnode->size = now;
    cache_set_size(&b->cache, (uint64_t)now);
    if (now < was)
        backed_drop(b, (uint64_t)now / PAGE_SIZE, CACHE_END);
}

struct block_device *block_device_make(struct disk *disk, bool is_whole, uint64_t first,
                                       uint64_t count) {
    struct block_device *device = heap_alloc(sizeof *device);
    struct vnode *vnode = device ? vnode_make(NULL, &contents_ops, S_IFBLK | 0600) : NULL;

    if (!vnode || backed_init(&device->backed, vnode, &backed_ops)) {
        heap_free(vnode);
        heap_free(device);
        return NULL;
    }
    device->disk = disk_hold(disk);
    device->is_whole = is_whole;
    device->first = first;
    device->count = count;
    device->vnode = vnode;
    vnode->own = device;
    block_device_measure(device);
    end_prepare();
    return device;
}

void block_device_drop(struct block_device *device) {
    vnode_drop(device->vnode);
}

long block_device_sync(struct block_device *device, int64_t start_at, int64_t end_at) {
    unsigned long last = (uint64_t)end_at / PAGE_SIZE + 1;
    long error = backed_sync(&device->backed, (uint64_t)start_at / PAGE_SIZE, last);
    long failed = disk_flush(device->disk);

    return error ? error : failed;
}

/* --- an open one -------------------------------------------------------------------- */

static struct block_device *of(const struct file *file) {
    return file->object;
}

static bool is_direct(const struct file *file) {
    return file->flags & O_DIRECT;
}

static long read(struct file *file, struct transfer *to, int64_t *position) {
    struct block_device *device = of(file);
    long n;

    mutex_take(&device->vnode->lock);
    block_device_measure(device);
    to->ahead = &file->ahead;
    if (disk_is_out(device->disk))
        n = -EIO;
    else if (*position >= device->vnode->size)
        n = 0;
    else if (is_direct(file))
        n = block_direct_read(device, to, *position);
    else
        n = backed_read(&device->backed, to, *position);
    mutex_drop(&device->vnode->lock);
    if (n > 0)
        *position += n;
    return n;
}

static long write_locked(struct file *file, struct transfer *from, int64_t position) {
    struct block_device *device = of(file);
    struct block_published is;
    int64_t size = device->vnode->size;

    disk_describe(device->disk, &is);
    if (is.is_read_only)
        return -EPERM;
    if (disk_is_out(device->disk))
        return -EIO;
    if (!from->left)
        return 0;
    if (position >= size)
        return -ENOSPC;
    from->left = MIN(from->left, (size_t)(size - position));
    from->here = MIN(from->here, from->left);
    return is_direct(file) ? block_direct_write(device, from, position)
                           : backed_write(&device->backed, from, position);
}

static long sync(struct file *file, int64_t start_at, int64_t end_at, bool data_only) {
    struct block_device *device = of(file);

    (void)data_only;
    long error = block_device_sync(device, start_at, end_at);
    long failed = vnode_failure(device->vnode, &file->failures);
    return failed ? failed : error;
}

static long write(struct file *file, struct transfer *from, int64_t *position) {
    struct block_device *device = of(file);
    int64_t at = *position;

    mutex_take(&device->vnode->lock);
    block_device_measure(device);
    long n = write_locked(file, from, at);
    mutex_drop(&device->vnode->lock);
    if (n <= 0)
        return n;
    *position += n;
    long error = from->sync || file->flags & O_DSYNC ? sync(file, at, at + n, true) : 0;
    return error ? error : n;
}

static int64_t size_of(const struct file *file) {
    struct block_device *device = of(file);

    mutex_take(&device->vnode->lock);
    block_device_measure(device);
    int64_t size = device->vnode->size;
    mutex_drop(&device->vnode->lock);
    return size;
}

/* Nowhere beyond the end. */
static long seek(struct file *file, int64_t offset, int whence) {
    int64_t size = size_of(file), from = 0, to;

    if (whence == SEEK_TO_DATA || whence == SEEK_TO_HOLE) {
        if (offset < 0 || offset >= size)
            return -ENXIO;
        to = whence == SEEK_TO_DATA ? offset : size;
        return file->position = to;
    }
    if (whence == SEEK_CUR)
        from = file->position;
    else if (whence == SEEK_END)
        from = size;
    if (__builtin_add_overflow(from, offset, &to) || to < 0 || to > size)
        return -EINVAL;
    return file->position = to;
}

static long map(struct file *file, int prot, int flags, struct object **object) {
    struct block_device *device = of(file);
    struct block_published is;

    (void)prot;
    disk_describe(device->disk, &is);
    if (is.is_read_only && file_writes(file) && (flags & MAP_TYPE) != MAP_PRIVATE)
        return -EINVAL;
    size_of(file);
    *object = backed_object(&device->backed);
    (*object)->ops->ref(*object);
    return 0;
}

/* The last one to close it writes what is dirty, and nothing stays in memory: whoever opens
 * it, or another part of the disk, sees what the disk has. */
static void release(struct file *file) {
    struct block_device *device = of(file);

    mutex_take(&device->vnode->lock);
    bool is_last = !__atomic_sub_fetch(&device->opens, 1, __ATOMIC_SEQ_CST);
    if (is_last)
        backed_sync(&device->backed, 0, CACHE_END);
    if (is_last && !device->backed.cache.object.mappings)
        backed_drop(&device->backed, 0, CACHE_END);
    mutex_drop(&device->vnode->lock);
    vnode_drop(device->vnode);
}

static const struct file_ops file_ops = {
    .read = read,
    .write = write,
    .ioctl = block_device_control,
    .seek = seek,
    .map = map,
    .sync = sync,
    .release = release,
    .has_position = true,
};

void block_device_open(struct block_device *device, struct file *file) {
    vnode_hold(device->vnode);
    __atomic_add_fetch(&device->opens, 1, __ATOMIC_SEQ_CST);
    file->ops = &file_ops;
    file->object = device;
    file->failures = vnode_seen(device->vnode);
}
