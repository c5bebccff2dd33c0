/* SPDX-License-Identifier: MIT */
/*
 * Free entries are a list through themselves: Xen does not look at an entry whose flags
 * are 0, and only Xen and this domain can write to the table.
 *
 * A frame of the table takes the place of a page in the direct map, whose own frame lies
 * idle. That costs no page table, and the entries need not be in one piece.
 *
 * Invariant: an entry is free (flags 0, listed), in use, or left behind by grant_free
 * (marked in left). Only who has got a reference from grant_page ends it, so flags become
 * 0 once; the list and left are under the lock.
 */
#include "xen/grant.h"

#include <errno.h>

#include "base/panic.h"
#include "base/string.h"
#include "mm/lock.h"
#include "mm/page.h"
#include "pv/pagetable.h"
#include "xen/hypercall.h"
#include "xen/suspend.h"

enum {
    ENTRIES = PAGE_SIZE / sizeof(struct grant_entry_v1), /* of a frame */
    MOST = 64,                                           /* frames; Xen's usual limit */
    BITS = 64,
};

static struct lock table_lock = LOCK_INIT(LOCK_GRANT);

static struct {
    struct grant_entry_v1 *frames[MOST];
    unsigned count, limit; /* of frames; limit 0: Xen was not asked yet */
    grant_ref_t free;      /* the first of the list, 0: none */
    uint64_t left[MOST * ENTRIES / BITS];
    size_t left_count;
    unsigned next; /* word of left to be tried next */
    bool is_out;   /* the domain is suspended: entries are in the pages themselves */
} table;

static struct grant_entry_v1 *entry_of(grant_ref_t ref) {
    return &table.frames[ref / ENTRIES][ref % ENTRIES];
}

static void put_free(grant_ref_t ref) {
    entry_of(ref)->frame = table.free;
    table.free = ref;
}

/* The page's address leads to the frame instead. */
static void map_frame(void *page, mfn_t frame) {
    lock_take(&mm_lock);
    pt_narrow();
    /* No table can be missing: the page was there. */
    (void)pt_set((unsigned long)page, frame << PAGE_SHIFT | PTE_READ_WRITE);
    pt_commit();
    lock_drop(&mm_lock);
}

static unsigned ask_limit(void) {
    struct gnttab_query_size query = {.dom = DOMID_SELF};

    if (xen_grant_table_op(GNTTABOP_query_size, &query, 1) || query.status != GNTST_okay)
        return 0;
    return MIN(query.max_nr_frames, (unsigned)MOST);
}

/* Xen's frame numbers of the table's first frames; NULL: there are not so many. */
static const xen_pfn_t *get_frames(unsigned count) {
    static xen_pfn_t list[MOST];
    struct gnttab_setup_table setup = {.dom = DOMID_SELF, .nr_frames = count};

    set_xen_guest_handle(setup.frame_list, list);
    if (xen_grant_table_op(GNTTABOP_setup_table, &setup, 1) || setup.status != GNTST_okay)
        return NULL;
    return list;
}

/* --- the domain is suspended ------------------------------------------------------------
 */

static struct grant_entry_v1 kept[ENTRIES];

static grant_ref_t first_own(unsigned frame) {
    return frame ? 0 : GNTTAB_NR_RESERVED_ENTRIES;
}

/* What is in the page becomes what is in the frame, which takes its place. */
static void put_in_place(unsigned i, mfn_t frame, bool with_contents) {
    struct grant_entry_v1 *page = table.frames[i];

    memcpy(kept, page, PAGE_SIZE);
    map_frame(page, frame);
    if (with_contents)
        memcpy(page + first_own(i), kept + first_own(i),
               PAGE_SIZE - first_own(i) * sizeof *page);
}

/* Entries that are in use name frames by pfns meanwhile; nobody has them mapped. */
static bool stop(void) {
    for (unsigned i = 0; i < table.count; i++) {
        struct grant_entry_v1 *page = table.frames[i];
        put_in_place(i, xen_pfn_to_mfn(pt_direct_pfn(page)), true);
        for (grant_ref_t n = first_own(i); n < ENTRIES; n++)
            if (page[n].flags) {
                page[n].flags &= (uint16_t)~(GTF_reading | GTF_writing);
                page[n].frame = (uint32_t)xen_mfn_to_pfn(page[n].frame);
            }
    }
    table.is_out = true;
    return true;
}

/* Where the domain was not moved Xen's entries are as they were. */
static void go_on(bool is_elsewhere) {
    const xen_pfn_t *frames = get_frames(table.count);

    if (!table.is_out)
        return;
    table.is_out = false;
    if (!frames)
        panic("no grants after a suspend");
    for (unsigned i = 0; i < table.count; i++) {
        struct grant_entry_v1 *page = table.frames[i];
        for (grant_ref_t n = first_own(i); n < ENTRIES; n++)
            if (page[n].flags)
                page[n].frame = (uint32_t)xen_pfn_to_mfn(page[n].frame);
        put_in_place(i, frames[i], is_elsewhere);
    }
}

static struct suspend_step suspend_step = {
    .order = SUSPEND_GRANTS, .stop = stop, .go_on = go_on};

/* --- the table ---------------------------------------------------------------------------
 */

static long grow(void) {
    if (!table.limit)
        table.limit = ask_limit();
    if (table.count >= table.limit)
        return -ENOSPC;
    void *page = page_alloc_kernel();
    if (!page)
        return -ENOMEM;
    const xen_pfn_t *frames = get_frames(table.count + 1);
    if (!frames) {
        page_free_kernel(page);
        return -ENOSPC;
    }
    suspend_add(&suspend_step);
    map_frame(page, frames[table.count]);
    grant_ref_t first = table.count * ENTRIES, reserved = first;
    table.frames[table.count++] = page;
    if (!first)
        reserved += GNTTAB_NR_RESERVED_ENTRIES;
    for (grant_ref_t ref = first + ENTRIES; ref-- > reserved;)
        put_free(ref);
    return 0;
}

/*
 * One compare-and-exchange, which fails if the other side has the page mapped, or is at it
 * right now. Tried once: a side that maps and unmaps without end does not keep us here.
 */
static bool revoke(struct grant_entry_v1 *entry) {
    uint16_t flags = __atomic_load_n(&entry->flags, __ATOMIC_RELAXED);

    flags &= (uint16_t)~(GTF_reading | GTF_writing);
    return __atomic_compare_exchange_n(&entry->flags, &flags, 0, false, __ATOMIC_SEQ_CST,
                                       __ATOMIC_SEQ_CST);
}

/* The page that an entry of this domain's making is about. */
static void *page_of(const struct grant_entry_v1 *entry) {
    return pt_direct(xen_mfn_to_pfn(entry->frame));
}

/* Ends the grant and frees its page, if it can be. Under the lock. */
static bool free_page(grant_ref_t ref) {
    struct grant_entry_v1 *entry = entry_of(ref);
    void *page = page_of(entry);

    if (!revoke(entry))
        return false;
    put_free(ref);
    page_free_kernel(page);
    return true;
}

/* Tries what one word of left stands for. */
static void settle_word(unsigned word) {
    for (uint64_t bits = table.left[word]; bits; bits &= bits - 1) {
        unsigned bit = (unsigned)__builtin_ctzl(bits);
        if (free_page(word * BITS + bit)) {
            table.left[word] &= ~(1ul << bit);
            table.left_count--;
        }
    }
}

static void settle_all(void) {
    for (unsigned i = 0; table.left_count && i < table.count * ENTRIES / BITS; i++)
        settle_word(i);
}

/* A little each time, so that what was left is not left for long. */
static void settle_some(void) {
    if (!table.left_count)
        return;
    settle_word(table.next);
    table.next = (table.next + 1) % (table.count * ENTRIES / BITS);
}

/* A free entry's reference, or an error. Under the lock. */
static long take(void) {
    long result = 0;

    settle_some();
    if (!table.free)
        result = grow();
    if (result)
        settle_all();
    if (table.free) {
        result = table.free;
        table.free = entry_of(table.free)->frame;
    }
    return result;
}

/* The frame's number is one of the machine that the domain is on as long as events are off.
 */
static long enter(domid_t other, const void *page, bool read_only) {
    mfn_t frame = xen_pfn_to_mfn(pt_direct_pfn(page));
    long ref = frame >> 32 ? -ENOSPC : take(); /* what an entry has no room for */

    if (ref < 0)
        return ref;
    struct grant_entry_v1 *entry = entry_of((grant_ref_t)ref);
    uint16_t flags = GTF_permit_access;
    if (read_only)
        flags |= GTF_readonly;
    entry->domid = other;
    entry->frame = (uint32_t)frame;
    __atomic_store_n(&entry->flags, flags, __ATOMIC_RELEASE);
    return ref;
}

long grant_page(domid_t other, const void *page, bool read_only) {
    lock_take(&table_lock);
    long ref = enter(other, page, read_only);
    lock_drop(&table_lock);
    return ref;
}

bool grant_end(grant_ref_t ref) {
    if (!revoke(entry_of(ref)))
        return false;
    lock_take(&table_lock);
    put_free(ref);
    lock_drop(&table_lock);
    return true;
}

void *grant_new(domid_t other, bool read_only, long *ref) {
    void *page = page_alloc_kernel();

    *ref = page ? grant_page(other, page, read_only) : -ENOMEM;
    if (*ref >= 0)
        return page;
    if (page)
        page_free_kernel(page);
    return NULL;
}

void grant_free(grant_ref_t ref) {
    lock_take(&table_lock);
    if (!free_page(ref)) {
        table.left[ref / BITS] |= 1ul << ref % BITS;
        table.left_count++;
    }
    lock_drop(&table_lock);
}

size_t grant_settle(void) {
    lock_take(&table_lock);
    settle_all();
    size_t count = table.left_count;
    lock_drop(&table_lock);
    return count;
}
