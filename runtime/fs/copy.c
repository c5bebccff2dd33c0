/* SPDX-License-Identifier: MIT */
#include "fs/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "fs/vnode.h"
#include "mm/heap.h"

/* What was read and could not be written is read again by the next call. */
static void go_back(struct file *from, int64_t *position, long n) {
    if (position) {
        *position -= n;
    } else if (from->ops->has_position) {
        mutex_take(&from->lock);
        from->position -= n;
        mutex_drop(&from->lock);
    }
}

/* A given position goes along. */
static long move(long (*move)(struct file *, struct transfer *, int64_t *),
                 struct file *file, void *page, size_t size, int64_t *position) {
    struct transfer t = transfer_own(page, size);

    return move(file, &t, position);
}

static long copy(struct file *to, int64_t *to_position, struct file *from,
                 int64_t *from_position, size_t size) {
    void *page = heap_alloc(PAGE_SIZE);
    long done = 0, n = 0;

    if (!page)
        return -ENOMEM;
    while (size) {
        n = move(file_read, from, page, MIN(size, PAGE_SIZE), from_position);
        if (n <= 0)
            break;
        long written = move(file_write, to, page, (size_t)n, to_position);
        if (written < n)
            go_back(from, from_position, n - (written > 0 ? written : 0));
        if (written > 0) {
            done += written;
            size -= (size_t)written;
        }
        if (written < n) {
            n = written;
            break;
        }
    }
    heap_free(page);
    return done ? done : n;
}

long copy_send(struct file *to, struct file *from, int64_t *position, size_t size) {
    if (!file_reads(from) || !file_writes(to))
        return -EBADF;
    if (position && *position < 0)
        return -EINVAL;
    if (!from->ops->has_position)
        return position ? -ESPIPE : -EINVAL;
    if (!from->vnode || S_ISDIR(from->vnode->mode) || to->flags & O_APPEND)
        return -EINVAL;
    return copy(to, NULL, from, position, MIN(size, (size_t)TRANSFER_LIMIT));
}

static bool is_regular(const struct file *file) {
    return file->vnode && S_ISREG(file->vnode->mode);
}

static bool overlap(const struct file *to, int64_t there, const struct file *from,
                    int64_t here, size_t size) {
    int64_t limit = (int64_t)MIN(size, (size_t)INT64_MAX / 2);

    return to->vnode == from->vnode && there < here + limit && here < there + limit;
}

long copy_range(struct file *to, int64_t *to_position, struct file *from,
                int64_t *from_position, size_t size) {
    if (from->vnode && S_ISDIR(from->vnode->mode))
        return -EISDIR;
    if (to->vnode && S_ISDIR(to->vnode->mode))
        return -EISDIR;
    if (!is_regular(from) || !is_regular(to))
        return -EINVAL;
    if (!file_reads(from) || !file_writes(to) || to->flags & O_APPEND)
        return -EBADF;
    int64_t here = from_position ? *from_position : from->position;
    int64_t there = to_position ? *to_position : to->position;
    if ((uint64_t)here + size < size || (uint64_t)there + size < size)
        return -EOVERFLOW;
    if (here < 0 || there < 0)
        return -EINVAL;
    int64_t left = from->vnode->size > here ? from->vnode->size - here : 0;
    size = MIN(size, (size_t)left); /* it may end within itself */
    if (overlap(to, there, from, here, size))
        return -EINVAL;
    return copy(to, to_position, from, from_position, MIN(size, (size_t)TRANSFER_LIMIT));
}
