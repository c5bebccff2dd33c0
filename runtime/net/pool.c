/* SPDX-License-Identifier: MIT */
/*
 * A page's reference is found by its frame's number, in a tree of three levels whose pages
 * stay for good; so nothing that looks there needs a lock. A domain of 1 TiB has room.
 */
#include "net/pool.h"

#include "mm/heap.h"
#include "mm/page.h"
#include "net/link.h"
#include "pv/pagetable.h"
#include "xen/grant.h"
#include "xen/lock.h"

enum {
    REFS = PAGE_SIZE / sizeof(uint32_t),
    NODES = PAGE_SIZE / sizeof(void *),
    IDLE = 64,    /* pages kept for the next one */
    SHARE = 8,    /* of the domain's memory, one part in so many at most */
    RESERVE = 32, /* pages that are left for others */
};

struct leaf {
    uint32_t refs[REFS]; /* 0: not of the pool */
};

struct node {
    struct leaf *leaves[NODES];
};

struct root {
    struct node *nodes[NODES];
};

static struct lock lock = LOCK_INIT(LOCK_OBJECT);
static struct root *root;
static domid_t reader;
static bool is_open;
static size_t count;
static unsigned idle_count;
static void *idle[IDLE];

static uint32_t *find(pfn_t pfn) {
    struct root *r = __atomic_load_n(&root, __ATOMIC_ACQUIRE);
    struct node *node = NULL;
    struct leaf *leaf = NULL;

    if (r && pfn / REFS / NODES < NODES)
        node = __atomic_load_n(&r->nodes[pfn / REFS / NODES], __ATOMIC_ACQUIRE);
    if (node)
        leaf = __atomic_load_n(&node->leaves[pfn / REFS % NODES], __ATOMIC_ACQUIRE);
    return leaf ? &leaf->refs[pfn % REFS] : NULL;
}

static bool fill(void *place) {
    void **at = place;

    if (!*at)
        __atomic_store_n(at, heap_alloc(PAGE_SIZE), __ATOMIC_RELEASE);
    return *at;
}

/* The same, whatever has to be made for it. Under the lock. */
static uint32_t *make(pfn_t pfn) {
    if (pfn / REFS / NODES >= NODES || !fill(&root))
        return NULL;
    struct node **node = &root->nodes[pfn / REFS / NODES];
    if (!fill(node) || !fill(&(*node)->leaves[pfn / REFS % NODES]))
        return NULL;
    return find(pfn);
}

void net_pool_open(domid_t other) {
    lock_take(&lock);
    if (!count)
        reader = other;
    is_open = true;
    lock_drop(&lock);
}

uint32_t net_pool_ref(domid_t other, const void *data) {
    uint32_t *ref = find(pt_direct_pfn(data));

    if (!ref || other != __atomic_load_n(&reader, __ATOMIC_RELAXED))
        return 0;
    return __atomic_load_n(ref, __ATOMIC_RELAXED);
}

/* Under the lock. */
static void *make_page(void) {
    long ref;

    if (!is_open || count >= page_count() / SHARE || heap_left() < RESERVE)
        return NULL;
    void *page = grant_new(reader, true, &ref);
    uint32_t *entry = page ? make(pt_direct_pfn(page)) : NULL;
    if (!entry) {
        if (page)
            grant_free((grant_ref_t)ref);
        return NULL;
    }
    __atomic_store_n(entry, (uint32_t)ref, __ATOMIC_RELAXED);
    count++;
    return page;
}

void *link_pool_alloc(void) {
    lock_take(&lock);
    void *page = idle_count ? idle[--idle_count] : make_page();
    lock_drop(&lock);
    return page;
}

void link_pool_free(void *page) {
    lock_take(&lock);
    if (idle_count < IDLE) {
        idle[idle_count++] = page;
    } else {
        uint32_t *entry = find(pt_direct_pfn(page));
        grant_free(*entry);
        __atomic_store_n(entry, 0, __ATOMIC_RELAXED);
        count--;
    }
    lock_drop(&lock);
}
