/* SPDX-License-Identifier: MIT */
#include "fs/cache.h"

#include <errno.h>

#include "mm/backing.h"
#include "mm/internal.h"
#include "mm/page.h"
#include "pv/pagetable.h"

enum { TOGETHER = 512 /* page numbers that are dropped in one stretch */ };

size_t cache_pages_all;

void cache_init_object(struct cache *cache, const struct object_ops *ops) {
    *cache = (struct cache){.object = {.ops = ops}};
    lock_init(&cache->lock, LOCK_CACHE);
}

void cache_free(struct cache *cache) {
    cache_drop(cache, 0, CACHE_END, true);
    lock_take(&mm_lock);
    space_owed -= cache->promised;
    lock_drop(&mm_lock);
}

void *cache_find(struct cache *cache, unsigned long index) {
    lock_take(&cache->lock);
    void *page = pagetree_find(&cache->tree, index);
    lock_drop(&cache->lock);
    return page;
}

/* Pages that were promised are among those that areas were promised: those of them that
 * are not there yet are owed. With mm_lock held. */
static bool is_promised(const struct cache *cache, unsigned long index) {
    return index < cache->promised;
}

/* With mm_lock held. */
static int add(struct cache *cache, unsigned long index, void *page) {
    if (cache->quota && cache->quota->used >= cache->quota->most)
        return -ENOSPC;
    lock_take(&cache->lock);
    int error = pagetree_add(&cache->tree, index, page, 0);
    cache->pages += !error;
    cache_pages_all += !error;
    if (!error && cache->quota)
        cache->quota->used++;
    lock_drop(&cache->lock);
    space_owed -= !error && is_promised(cache, index);
    return error;
}

/* The page of that number, which is made if it is a hole. With mm_lock held. */
static void *get(struct cache *cache, unsigned long index) {
    void *page = pagetree_find(&cache->tree, index);

    if (page || (!is_promised(cache, index) && space_is_tight(1) && !space_spare()))
        return page;
    page = page_take();
    if (!page && backing_make_room())
        page = page_take();
    if (page && add(cache, index, page)) {
        page_give(page);
        page = NULL;
    }
    return page;
}

void *cache_get(struct cache *cache, unsigned long index) {
    void *page = cache_find(cache, index);

    if (page || index >= CACHE_END)
        return page;
    lock_take(&mm_lock);
    page = get(cache, index);
    lock_drop(&mm_lock);
    return page;
}

long cache_adopt(struct cache *cache, unsigned long index, void *page) {
    lock_take(&mm_lock);
    int error = add(cache, index, page);
    lock_drop(&mm_lock);
    return error;
}

/* With mm_lock held, so that no fault brings a page back. Where it stopped. */
static unsigned long drop_some(struct cache *cache, unsigned long first, unsigned long end,
                               bool private_too) {
    unsigned long index = first;
    bool any = pagetree_next(&cache->tree, &index) && index < end;
    unsigned long stop = any ? MIN(end, index + TOGETHER) : end;

    object_forget(&cache->object, first, stop, private_too);
    for (; any && pagetree_next(&cache->tree, &index) && index < stop; index++) {
        lock_take(&cache->lock);
        void *page = pagetree_remove(&cache->tree, index);
        cache->pages--;
        cache_pages_all--;
        if (cache->quota)
            cache->quota->used--;
        lock_drop(&cache->lock);
        space_owed += is_promised(cache, index);
        if (page_is_given(pt_direct_pfn(page)))
            page_give(page);
    }
    return stop;
}

void cache_drop(struct cache *cache, unsigned long first, unsigned long end,
                bool private_too) {
    while (first < end) {
        lock_take(&mm_lock);
        first = drop_some(cache, first, end, private_too);
        lock_drop(&mm_lock);
    }
}

void *cache_next(struct cache *cache, unsigned long index, unsigned long *found) {
    *found = index;
    lock_take(&cache->lock);
    void *page = pagetree_next(&cache->tree, found);
    lock_drop(&cache->lock);
    return page;
}

void cache_set_size(struct cache *cache, uint64_t size) {
    unsigned long pages = size / PAGE_SIZE + !!(size % PAGE_SIZE);

    __atomic_store_n(&cache->limit, pages, __ATOMIC_SEQ_CST);
}

static long promise(struct cache *cache, size_t pages) {
    if (!space_has_room(pages, space_owed))
        return -ENOMEM;
    cache->promised = pages;
    space_owed += pages;
    if (!space_is_tight(0))
        return 0;
    for (unsigned long i = 0; i < pages; i++)
        if (!get(cache, i))
            return -ENOMEM;
    return 0;
}

long cache_promise(struct cache *cache, size_t pages) {
    lock_take(&mm_lock);
    long error = promise(cache, pages);
    lock_drop(&mm_lock);
    return error;
}

int cache_page(struct object *object, unsigned long index, enum object_access access,
               void **page) {
    struct cache *cache = (struct cache *)object; /* its first member */

    if (index >= __atomic_load_n(&cache->limit, __ATOMIC_SEQ_CST))
        return -EFAULT;
    *page =
        access == OBJECT_PRESENT ? pagetree_find(&cache->tree, index) : get(cache, index);
    if (!*page)
        return access == OBJECT_PRESENT ? -EFAULT : -ENOMEM;
    return 0;
}
