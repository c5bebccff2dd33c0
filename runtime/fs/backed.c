/* SPDX-License-Identifier: MIT */
/* The pages of files on devices: how they come into the tree, change and go. */
#include "fs/backed.h"

#include <errno.h>

#include "base/string.h"
#include "fs/backed_parts.h"
#include "fs/keeper.h"
#include "fs/vnode.h"
#include "mm/backing.h"
#include "mm/internal.h"
#include "mm/page.h"
#include "sched/clock.h"

enum { TOGETHER = 128 /* page numbers that are looked at in one stretch */ };

struct list backed_all = {&backed_all, &backed_all};
size_t backed_unstable;

static struct backed *of(struct object *object) {
    return (struct backed *)object;
}

void *backed_look(struct backed *b, unsigned long index, unsigned *marks) {
    lock_take(&b->cache.lock);
    void *page = pagetree_find(&b->cache.tree, index);
    *marks = pagetree_marks(&b->cache.tree, index);
    lock_drop(&b->cache.lock);
    return page;
}

void backed_change(struct backed *b, unsigned long index, unsigned clear, unsigned set) {
    unsigned was = pagetree_marks(&b->cache.tree, index), now = (was & ~clear) | set;
    const unsigned unstable = BACKED_DIRTY | BACKED_WRITING;

    pagetree_set_marks(&b->cache.tree, index, now);
    int more = __builtin_popcount(now & unstable) - __builtin_popcount(was & unstable);
    __atomic_add_fetch(&backed_unstable, (size_t)(long)more, __ATOMIC_SEQ_CST);
    b->dirty += now & BACKED_DIRTY;
    b->dirty -= was & BACKED_DIRTY;
    if (!b->dirty)
        b->since = 0;
    else if (!b->since)
        b->since = clock_monotonic();
}

long backed_add(struct backed *b, unsigned long index, void *page, unsigned marks) {
    void *taken = NULL;

    if (!page && (!space_is_tight(1) || space_spare()))
        page = taken = page_take();
    if (!page)
        return -ENOMEM;
    lock_take(&b->cache.lock);
    int error = pagetree_add(&b->cache.tree, index, page, 0);
    if (!error)
        backed_change(b, index, 0, marks);
    b->cache.pages += !error;
    lock_drop(&b->cache.lock);
    backing_kept += !error;
    if (error && taken)
        page_give(taken);
    return error;
}

void backed_remove(struct backed *b, unsigned long index) {
    backed_change(b, index, PAGETREE_MARKS, 0);
    page_give(pagetree_remove(&b->cache.tree, index));
    b->cache.pages--;
    backing_kept--;
}

/* Of the next pages from *first on those that are missing, at most a run: how many, from
 * *from on. */
static size_t add_run(struct backed *b, unsigned long *first, unsigned long end,
                      unsigned long *from, long *error) {
    unsigned looks = TOGETHER;
    size_t n = 0;

    lock_take(&mm_lock);
    end = MIN(end, b->cache.limit);
    while (*first < end && looks-- && pagetree_find(&b->cache.tree, *first))
        ++*first;
    *from = *first;
    for (; *first < end && n < BACKED_RUN && !pagetree_find(&b->cache.tree, *first); n++) {
        *error = backed_add(b, *first, NULL, BACKED_FILLING);
        if (*error)
            break;
        backed_hold(b);
        ++*first;
    }
    lock_drop(&mm_lock);
    return n;
}

long backed_start(struct backed *b, unsigned long first, unsigned long end) {
    long error = 0;

    end = MIN(end, __atomic_load_n(&b->cache.limit, __ATOMIC_SEQ_CST));
    while (first < end && !error) {
        unsigned long from;
        size_t n = add_run(b, &first, end, &from, &error);
        if (n)
            b->ops->fill(b, from, n);
        end = MIN(end, __atomic_load_n(&b->cache.limit, __ATOMIC_SEQ_CST));
    }
    return error;
}

void backed_fetch(struct backed *b, unsigned long first, unsigned long end) {
    backed_start(b, first, end);
}

void *backed_in_flight(struct backed *b, unsigned long index) {
    unsigned marks;

    return backed_look(b, index, &marks);
}

void backed_release(struct backed *b, uint32_t count) {
    if (b && !__atomic_sub_fetch(&b->busy, count, __ATOMIC_SEQ_CST))
        pagewait_wake(b, 0, ~0ul, WAIT_IDLE, 0);
}

static void fail(struct backed *b, unsigned long first, size_t count) {
    lock_take(&mm_lock);
    lock_take(&b->cache.lock);
    while (count--)
        backed_remove(b, first++);
    lock_drop(&b->cache.lock);
    lock_drop(&mm_lock);
}

void backed_filled(struct backed *b, unsigned long first, size_t count, long error) {
    lock_take(&pagewait_lock);
    if (error) {
        fail(b, first, count);
    } else {
        lock_take(&b->cache.lock);
        for (size_t i = 0; i < count; i++)
            backed_change(b, first + i, BACKED_FILLING, 0);
        lock_drop(&b->cache.lock);
    }
    pagewait_wake(b, first, first + count, WAIT_FILLED, error);
    backed_release(b, (uint32_t)count);
    lock_drop(&pagewait_lock);
}

/* object_ops' page. A page that cannot be had at once is -EAGAIN: see mm/object.h. */
static int get_page(struct object *object, unsigned long index, enum object_access access,
                    void **page) {
    struct backed *b = of(object);
    int error = 0;

    if (index >= __atomic_load_n(&b->cache.limit, __ATOMIC_SEQ_CST))
        return -EFAULT;
    lock_take(&b->cache.lock);
    unsigned marks = pagetree_marks(&b->cache.tree, index);
    *page = pagetree_find(&b->cache.tree, index);
    if (!*page || marks & BACKED_FILLING)
        error = access == OBJECT_PRESENT ? -EFAULT : -EAGAIN;
    else if (access == OBJECT_WRITE && !(marks & BACKED_DIRTY) && writeback_is_due())
        error = -EAGAIN;
    else if (access != OBJECT_PRESENT)
        backed_change(b, index, 0,
                      BACKED_USED | (access == OBJECT_WRITE ? BACKED_DIRTY : 0));
    lock_drop(&b->cache.lock);
    return error;
}

/* Pages of [first, end) that may go do; the first that is in flight, or end. Under mm_lock.
 */
static unsigned long drop_ready(struct backed *b, unsigned long first, unsigned long end) {
    unsigned long index = first, waits = end;

    lock_take(&b->cache.lock);
    for (; pagetree_next(&b->cache.tree, &index) && index < end; index++) {
        if (!(pagetree_marks(&b->cache.tree, index) & (BACKED_FILLING | BACKED_WRITING)))
            backed_remove(b, index);
        else if (waits == end)
            waits = index;
    }
    lock_drop(&b->cache.lock);
    return waits;
}

/* The end of the stretch in which the next pages from first on are dropped. */
static unsigned long stretch(struct backed *b, unsigned long first, unsigned long end) {
    unsigned long index = first;

    return pagetree_next(&b->cache.tree, &index) && index < end ? MIN(end, index + TOGETHER)
                                                                : end;
}

static void wait_for(struct backed *b, unsigned long index) {
    struct pagewait wait;
    unsigned marks;

    backed_look(b, index, &marks);
    pagewait_begin(&wait, b, index, marks & BACKED_FILLING ? WAIT_FILLED : WAIT_WRITTEN);
    pagewait_end(&wait);
}

static void drop(struct backed *b, unsigned long first, unsigned long end,
                 bool private_too) {
    while (first < end) {
        lock_take(&mm_lock);
        unsigned long stop = stretch(b, first, end);
        object_forget(&b->cache.object, first, stop, private_too);
        unsigned long waits = drop_ready(b, first, stop);
        lock_drop(&mm_lock);
        if (waits < stop)
            wait_for(b, waits);
        first = waits;
    }
}

void backed_drop(struct backed *b, unsigned long first, unsigned long end) {
    drop(b, first, end, false);
}

long backed_clear_tail(struct backed *b, int64_t size) {
    size_t at = (uint64_t)size % PAGE_SIZE;
    unsigned long index = (uint64_t)size / PAGE_SIZE;
    long error = 0;
    char *page = at ? backed_pin(b, index, &error) : NULL;

    if (page) {
        memset(page + at, 0, PAGE_SIZE - at);
        backed_unpin(b, index, true);
    }
    return error;
}

long backed_resize(struct backed *b, int64_t size) {
    struct vnode *vnode = b->cache.vnode;
    int64_t old = vnode->size;
    long error = backed_clear_tail(b, MIN(old, size));

    if (error)
        return error;
    vnode->size = size;
    cache_set_size(&b->cache, (uint64_t)size);
    if (size < old)
        drop(b, ROUND_UP((uint64_t)size, PAGE_SIZE) / PAGE_SIZE, CACHE_END, true);
    return 0;
}

static void ref(struct object *object) {
    vnode_hold(of(object)->cache.vnode);
}

static void unref(struct object *object) {
    vnode_drop(of(object)->cache.vnode);
}

static long sync(struct object *object, unsigned long first, unsigned long end) {
    return backed_sync(of(object), first, end);
}

static void fetch(struct object *object, unsigned long first, unsigned long end) {
    backed_fetch(of(object), first, end);
}

static const struct object_ops operations = {.page = get_page,
                                             .ref = ref,
                                             .unref = unref,
                                             .sync = sync,
                                             .punch = cache_punch,
                                             .wait = pagewait_in_fault,
                                             .fetch = fetch};

long backed_init(struct backed *b, struct vnode *vnode, const struct backed_ops *ops) {
    long error = keeper_start();

    if (error)
        return error;
    *b = (struct backed){.ops = ops};
    cache_init_object(&b->cache, &operations);
    b->cache.vnode = vnode;
    b->cache.object.tracked = true;
    cache_set_size(&b->cache, (uint64_t)vnode->size);
    lock_take(&mm_lock);
    list_insert(&b->node, &backed_all);
    backing_reclaim = reclaim_pages;
    lock_drop(&mm_lock);
    pagewait_start();
    return 0;
}

void backed_free(struct backed *b) {
    struct pagewait wait;

    lock_take(&mm_lock);
    reclaim_forget(b);
    list_remove(&b->node);
    lock_drop(&mm_lock);
    pagewait_begin(&wait, b, 0, WAIT_IDLE);
    pagewait_end(&wait);
    drop(b, 0, CACHE_END, true);
    lock_take(&pagewait_lock);
    pagewait_wake_room();
    lock_drop(&pagewait_lock);
}

/* The keeper looks after what can become dirty without a call. */
struct object *backed_object(struct backed *b) {
    keeper_wake();
    return &b->cache.object;
}
