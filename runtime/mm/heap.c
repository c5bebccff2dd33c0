/* SPDX-License-Identifier: MIT */
/*
 * A page of records begins with its header; a record that is free is a link. What begins at
 * a page's start is a whole page, for no record does.
 */
#include "mm/heap.h"

#include "base/list.h"
#include "base/string.h"
#include "mm/internal.h"
#include "mm/page.h"

struct slab {
    struct list node; /* of its class, if it has room */
    void *unused;     /* the first free record that has been in use before */
    uint16_t class;
    uint16_t used, fresh, most; /* records: in use; ever used; that fit */
};

enum { HEADER = ROUND_UP(sizeof(struct slab), 16) };

/* The largest are a half, a third and a quarter of what a page has. */
static const uint16_t sizes[] = {16,  32,  48,  64,  96,   128,  192,
                                 256, 384, 512, 800, 1008, 1344, 2016};
enum { CLASSES = ARRAY_SIZE(sizes) };

static struct lock heap_lock = LOCK_INIT(LOCK_HEAP);
static struct list with_room[CLASSES];
/* One empty page is kept, so that a record that comes and goes costs no page each time. */
static struct slab *spare;

static unsigned class_of(size_t size) {
    unsigned class = 0;

    while (class < CLASSES && sizes[class] < size)
        class ++;
    return class;
}

static struct slab *new_slab(unsigned class) {
    struct slab *slab = spare;

    spare = NULL;
    if (!slab)
        slab = page_alloc_kernel();
    if (!slab)
        return NULL;
    *slab = (struct slab){.class = (uint16_t)class,
                          .most = (uint16_t)((PAGE_SIZE - HEADER) / sizes[class])};
    list_insert(&slab->node, &with_room[class]);
    return slab;
}

static void *take(struct slab *slab) {
    void *record = slab->unused;

    if (record)
        slab->unused = *(void **)record;
    else
        record = (char *)slab + HEADER + slab->fresh++ * sizes[slab->class];
    if (++slab->used == slab->most)
        list_remove(&slab->node);
    return record;
}

static void *alloc(unsigned class) {
    struct list *head = &with_room[class];
    void *record = NULL;

    lock_take(&heap_lock);
    if (!head->next)
        list_init(head);
    struct slab *slab =
        list_is_empty(head) ? new_slab(class) : LIST_RECORD(head->next, struct slab, node);
    if (slab)
        record = take(slab);
    lock_drop(&heap_lock);
    return record;
}

void *heap_alloc(size_t size) {
    unsigned class = class_of(size);

    if (class == CLASSES)
        return page_alloc_kernel();
    void *record = alloc(class);
    return record ? memset(record, 0, size) : NULL;
}

/* The page that is to be given back, or NULL. */
static void *give(struct slab *slab, void *record) {
    if (slab->used-- == slab->most)
        list_insert(&slab->node, &with_room[slab->class]);
    *(void **)record = slab->unused;
    slab->unused = record;
    if (slab->used)
        return NULL;
    list_remove(&slab->node);
    if (spare)
        return slab;
    spare = slab;
    return NULL;
}

void heap_free(void *record) {
    unsigned long page = ROUND_DOWN((unsigned long)record, PAGE_SIZE);
    void *gone = record;

    if (!record)
        return;
    if ((unsigned long)record != page) {
        lock_take(&heap_lock);
        gone = give((struct slab *)page, record);
        lock_drop(&heap_lock);
    }
    if (gone)
        page_free_kernel(gone);
}

void *heap_alloc_page(void) {
    lock_take(&mm_lock);
    void *page = space_is_tight(1) && !space_spare() ? NULL : page_take();
    lock_drop(&mm_lock);
    return page;
}

size_t heap_left(void) {
    lock_take(&mm_lock);
    size_t left = space_spare();
    lock_drop(&mm_lock);
    return left;
}
