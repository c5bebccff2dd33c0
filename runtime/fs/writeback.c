/* SPDX-License-Identifier: MIT */
/*
 * What is dirty goes to the device. A page that begins to be written is clean from then on,
 * and taken from mappings' write access before, so that whatever changes it makes it dirty
 * again. Of memory that the program could have, a quarter may be dirty or being written;
 * who would exceed that waits.
 */
#include "fs/backed_parts.h"
#include "fs/vnode.h"
#include "mm/backing.h"
#include "mm/internal.h"
#include "mm/page.h"

enum { SHARE = 4, LEAST = 8 /* pages that may always be dirty */ };

bool writeback_is_due(void) {
    size_t unstable = __atomic_load_n(&backed_unstable, __ATOMIC_SEQ_CST);

    return unstable > LEAST &&
           unstable >
               (page_count_free() + __atomic_load_n(&backing_kept, __ATOMIC_RELAXED)) /
                   SHARE;
}

static bool is_ready(const struct backed *b, unsigned long index) {
    return (pagetree_marks(&b->cache.tree, index) & (BACKED_DIRTY | BACKED_WRITING)) ==
           BACKED_DIRTY;
}

/* The first run of pages from *first on that can be written now: how many. */
static size_t find_run(struct backed *b, unsigned long *first, unsigned long end) {
    size_t n = 0;

    lock_take(&b->cache.lock);
    while (pagetree_next_marked(&b->cache.tree, first, BACKED_DIRTY) && *first < end &&
           !is_ready(b, *first))
        ++*first;
    while (n < BACKED_RUN && *first + n < end && is_ready(b, *first + n))
        n++;
    lock_drop(&b->cache.lock);
    return n;
}

/* mm_lock keeps mappings from making a page dirty in between. */
static size_t take_run(struct backed *b, unsigned long *first, unsigned long end) {
    lock_take(&mm_lock);
    size_t n = find_run(b, first, end);
    if (n)
        object_ask(&b->cache.object, *first, *first + n);
    lock_take(&b->cache.lock);
    for (size_t i = 0; i < n; i++) {
        backed_change(b, *first + i, BACKED_DIRTY, BACKED_WRITING);
        backed_hold(b);
    }
    lock_drop(&b->cache.lock);
    lock_drop(&mm_lock);
    return n;
}

void writeback_start(struct backed *b, unsigned long first, unsigned long end) {
    size_t n;

    while ((n = take_run(b, &first, end))) {
        b->ops->write(b, first, n);
        first += n;
    }
}

void backed_written(struct backed *b, unsigned long first, size_t count, long error) {
    lock_take(&pagewait_lock);
    if (error)
        vnode_fail(b->cache.vnode, error);
    lock_take(&b->cache.lock);
    for (size_t i = 0; i < count; i++)
        backed_change(b, first + i, BACKED_WRITING, 0);
    lock_drop(&b->cache.lock);
    pagewait_wake(b, first, first + count, WAIT_WRITTEN, error);
    backed_release(b, (uint32_t)count);
    pagewait_wake_room();
    lock_drop(&pagewait_lock);
}

/* The first page from *index on that is being written. */
static bool find_writing(struct backed *b, unsigned long *index, unsigned long end) {
    lock_take(&b->cache.lock);
    bool found =
        pagetree_next_marked(&b->cache.tree, index, BACKED_WRITING) && *index < end;
    lock_drop(&b->cache.lock);
    return found;
}

static void wait_written(struct backed *b, unsigned long first, unsigned long end) {
    struct pagewait wait;

    for (; find_writing(b, &first, end); first++) {
        pagewait_begin(&wait, b, first, WAIT_WRITTEN);
        pagewait_end(&wait);
    }
}

static uint32_t count_failures(const struct backed *b) {
    return __atomic_load_n(&b->cache.vnode->failures, __ATOMIC_SEQ_CST) & ~1u;
}

/* What was being written and dirty again is so no longer when all has been waited for. */
long backed_sync(struct backed *b, unsigned long first, unsigned long end) {
    uint32_t failures = count_failures(b);

    for (int i = 0; i < 2; i++) {
        writeback_start(b, first, end);
        wait_written(b, first, end);
    }
    return count_failures(b) == failures ? 0 : b->cache.vnode->failure;
}

/* The next one behind b, or the first, of that mount or of any, which is held; b no more.
 */
static struct backed *next(struct backed *b, const struct mount *mount) {
    struct backed *found = NULL;

    lock_take(&mm_lock);
    for (struct list *at = b ? b->node.next : backed_all.next; at != &backed_all && !found;
         at = at->next) {
        found = LIST_RECORD(at, struct backed, node);
        if (mount && found->cache.vnode->mount != mount)
            found = NULL;
    }
    if (found)
        backed_hold(found);
    lock_drop(&mm_lock);
    if (!b)
        return found;
    lock_take(&pagewait_lock);
    backed_release(b, 1);
    lock_drop(&pagewait_lock);
    return found;
}

long backed_sync_all(const struct mount *mount) {
    long result = 0;

    for (struct backed *b = next(NULL, mount); b; b = next(b, mount))
        writeback_start(b, 0, CACHE_END);
    for (struct backed *b = next(NULL, mount); b; b = next(b, mount)) {
        long error = backed_sync(b, 0, CACHE_END);
        result = result ? result : error;
    }
    return result;
}

void writeback_all(bool waits) {
    if (waits) {
        backed_sync_all(NULL);
        return;
    }
    for (struct backed *b = next(NULL, NULL); b; b = next(b, NULL))
        writeback_start(b, 0, CACHE_END);
}
