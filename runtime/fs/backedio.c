/* SPDX-License-Identifier: MIT */
/*
 * read and write of files on devices. The program's memory is copied to and from pages that
 * are pinned and of which nobody waits for this thread, so it may itself be a mapping of
 * the same file that is still to be read.
 */
#include <errno.h>

#include "base/string.h"
#include "fs/backed_parts.h"
#include "fs/keeper.h"
#include "fs/vnode.h"
#include "mm/heap.h"
#include "mm/internal.h"

/* The rest of the page that position is in. */
static size_t rest_of_page(int64_t position) {
    return PAGE_SIZE - ((uint64_t)position & (PAGE_SIZE - 1));
}

static void *pin_ready(struct backed *b, unsigned long index) {
    lock_take(&b->cache.lock);
    unsigned marks = pagetree_marks(&b->cache.tree, index);
    void *page = pagetree_find(&b->cache.tree, index);
    if (page && marks & BACKED_FILLING)
        page = NULL;
    if (page)
        pagetree_set_marks(&b->cache.tree, index, (marks | BACKED_USED) + BACKED_PIN);
    lock_drop(&b->cache.lock);
    return page;
}

/* What is reclaimed first is clean: if nothing is, all has to be written. */
static long begin(struct backed *b, unsigned long index, unsigned long end) {
    long error = ahead_read(b, NULL, index, end);

    if (!error || !__atomic_load_n(&backed_unstable, __ATOMIC_SEQ_CST))
        return error;
    writeback_all(true);
    return ahead_read(b, NULL, index, index + 1);
}

/* The file's mutex is dropped meanwhile, if it is given. */
static void *pin(struct backed *b, unsigned long index, unsigned long end,
                 struct mutex *mutex, long *error) {
    void *page;

    *error = 0;
    while (!(page = pin_ready(b, index))) {
        struct pagewait wait;
        pagewait_begin(&wait, b, index, WAIT_FILLED);
        if (mutex)
            mutex_drop(mutex);
        long failed = begin(b, index, end);
        *error = pagewait_end(&wait);
        if (mutex)
            mutex_take(mutex);
        if (!*error)
            *error = failed;
        if (*error || index >= b->cache.limit)
            break;
    }
    return page;
}

void *backed_pin(struct backed *b, unsigned long index, long *error) {
    void *page = pin(b, index, index + 1, NULL, error);

    if (!page && !*error)
        *error = -EIO; /* beyond the end */
    return page;
}

static void soil(struct backed *b, unsigned long index) {
    lock_take(&b->cache.lock);
    bool first = !b->dirty;
    backed_change(b, index, 0, BACKED_DIRTY);
    lock_drop(&b->cache.lock);
    if (first)
        keeper_wake();
}

void backed_unpin(struct backed *b, unsigned long index, bool dirty) {
    if (dirty)
        soil(b, index);
    lock_take(&b->cache.lock);
    unsigned marks = pagetree_marks(&b->cache.tree, index);
    pagetree_set_marks(&b->cache.tree, index, marks - BACKED_PIN);
    lock_drop(&b->cache.lock);
}

static void *pin_to_read(struct backed *b, struct transfer *to, int64_t position,
                         long *error) {
    unsigned long index = (uint64_t)position / PAGE_SIZE;
    uint64_t last = (uint64_t)position + to->left;
    struct mutex *mutex = &b->cache.vnode->lock;

    if (to->no_wait) {
        void *ready = pin_ready(b, index);
        *error = ready ? 0 : -EAGAIN;
        return ready;
    }
    /* in order, also what is there already: the next window may be due */
    *error = to->ahead ? ahead_read(b, to->ahead, index, last / PAGE_SIZE + 1) : 0;
    void *page = pin_ready(b, index);
    return page ? page : pin(b, index, last / PAGE_SIZE + 1, mutex, error);
}

long backed_read(struct backed *b, struct transfer *to, int64_t position) {
    const struct vnode *vnode = b->cache.vnode;
    long done = 0, n = 0;

    while (to->left && position < vnode->size) {
        char *page = pin_to_read(b, to, position, &n);
        if (!page)
            break;
        size_t at = (uint64_t)position % PAGE_SIZE, size = rest_of_page(position);
        int64_t left = vnode->size - position; /* it may have become shorter */
        n = left > 0 ? transfer_put(to, page + at, MIN(size, (size_t)left)) : 0;
        backed_unpin(b, (uint64_t)position / PAGE_SIZE, false);
        if (n <= 0)
            break;
        done += n;
        position += n;
        if (position < vnode->size && (size_t)n < size)
            break;
    }
    return done ? done : n;
}

/* A page behind what is on the device: zeros. */
static void *try_new(struct backed *b, unsigned long index, long *error) {
    lock_take(&mm_lock);
    void *page = pin_ready(b, index);
    *error = page ? 0 : backed_add(b, index, NULL, 0);
    if (!page && !*error)
        page = pin_ready(b, index);
    lock_drop(&mm_lock);
    return page;
}

static void *pin_new(struct backed *b, unsigned long index, long *error) {
    void *page = try_new(b, index, error);

    if (page || !__atomic_load_n(&backed_unstable, __ATOMIC_SEQ_CST))
        return page;
    writeback_all(true);
    return try_new(b, index, error);
}

/* The file's size is what it is before what is behind it can be written back. */
static void grow(struct backed *b, int64_t size) {
    struct vnode *vnode = b->cache.vnode;

    if (size <= vnode->size)
        return;
    vnode->size = size;
    cache_set_size(&b->cache, (uint64_t)size);
}

/*
 * All of a page is written, so that it need not be read: unless the program's memory ends
 * early. Nobody sees it before it has its contents.
 */
static long write_whole(struct backed *b, struct transfer *from, unsigned long index) {
    char *fresh = heap_alloc_page(), *page;
    long error = 0, n = fresh ? transfer_get(from, fresh, PAGE_SIZE) : -ENOMEM;

    lock_take(&mm_lock);
    bool is_first = !b->dirty;
    bool added = n == (long)PAGE_SIZE && !pagetree_find(&b->cache.tree, index) &&
                 !backed_add(b, index, fresh, BACKED_USED | BACKED_DIRTY);
    if (added)
        grow(b, (int64_t)((index + 1) * PAGE_SIZE));
    lock_drop(&mm_lock);
    if (added) {
        if (is_first)
            keeper_wake();
        return n;
    }
    page = n > 0 ? pin(b, index, index + 1, NULL, &error) : NULL;
    if (page) {
        memcpy(page, fresh, (size_t)n);
        grow(b, (int64_t)(index * PAGE_SIZE) + n);
        backed_unpin(b, index, true);
    }
    heap_free(fresh);
    return n <= 0 || page ? n : error ? error : -EIO;
}

static long write_part(struct backed *b, struct transfer *from, int64_t position) {
    unsigned long index = (uint64_t)position / PAGE_SIZE;
    bool is_new = index * PAGE_SIZE >= (uint64_t)b->cache.vnode->size;
    size_t at = (uint64_t)position % PAGE_SIZE;
    unsigned marks;
    long n = 0;

    if (!at && !is_new && from->left >= PAGE_SIZE && !backed_look(b, index, &marks)) {
        n = write_whole(b, from, index);
        if (n != -ENOMEM)
            return n;
    }
    char *page = is_new ? pin_new(b, index, &n) : pin(b, index, index + 1, NULL, &n);
    if (!page)
        return n;
    n = transfer_get(from, page + at, rest_of_page(position));
    if (n > 0)
        grow(b, position + n);
    backed_unpin(b, index, n > 0);
    return n;
}

long backed_write(struct backed *b, struct transfer *from, int64_t position) {
    int64_t end = b->cache.vnode->size;
    long done = 0, n = position > end ? backed_clear_tail(b, end) : 0;

    if (n)
        return n;
    while (from->left) {
        if (writeback_is_due())
            writeback_all(true);
        size_t size = MIN(rest_of_page(position), from->left);
        n = write_part(b, from, position);
        if (n <= 0)
            break;
        done += n;
        position += n;
        if ((size_t)n < size)
            break;
    }
    return done ? done : n;
}
