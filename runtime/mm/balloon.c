/* SPDX-License-Identifier: MIT */
/*
 * Frames that were never used are given first, from the end; those have no mapping that
 * would have to go. Behind them come free pages, whose entries in the direct map are taken
 * away. The frame list says which of them the domain lacks (FRAME_NONE).
 */
#include "mm/balloon.h"

#include "mm/internal.h"
#include "mm/lock.h"
#include "mm/page.h"
#include "pv/framelist.h"
#include "pv/pagetable.h"
#include "xen/domain.h"
#include "xen/hypercall.h"

enum {
    BATCH = 64,
    KEPT = 256, /* pages that stay free: for a stack that grows, for tables */
};

static pfn_t pfns[BATCH]; /* what a step is about, and their frames, in the same order */
static xen_pfn_t frames[BATCH];
static pfn_t first_lost; /* there is none before it */

/* How many of them Xen has seen to, from the beginning. */
static unsigned carry_out(unsigned command, unsigned count) {
    struct xen_memory_reservation op = {.nr_extents = count, .domid = DOMID_SELF};

    set_xen_guest_handle(op.extent_start, frames);
    long done = count ? xen_memory_op(command, &op) : 0;
    return done < 0 ? 0 : (unsigned)done;
}

/* --- giving ----------------------------------------------------------------------------
 */

static unsigned give(unsigned count) {
    for (unsigned i = 0; i < count; i++)
        frames[i] = xen_pfn_to_mfn(pfns[i]);
    unsigned done = carry_out(XENMEM_decrease_reservation, count);
    for (unsigned i = 0; i < done; i++)
        framelist_set(pfns[i], FRAME_NONE);
    return done;
}

/* From the last one down, so that those that stay are still the first. */
static unsigned give_unused(unsigned most) {
    unsigned count = (unsigned)page_cut(most);

    for (unsigned i = 0; i < count; i++)
        pfns[i] = page_end() + count - 1 - i;
    unsigned done = give(count);
    page_extend(count - done);
    return done;
}

/* Whether a page can go: neither promised to somebody nor one of the few that are kept. */
static bool is_any_spare(void) {
    return page_count_free() > space_owed + KEPT;
}

static void map(pfn_t pfn, unsigned long flags) {
    pt_queue(pt_find((unsigned long)pt_direct(pfn), 1), flags ? pt_entry(pfn, flags) : 0);
}

static unsigned give_free(unsigned most) {
    unsigned count = 0;

    for (void *page; count < most && is_any_spare() && (page = page_take()); count++)
        pfns[count] = pt_direct_pfn(page);
    for (unsigned i = 0; i < count; i++)
        map(pfns[i], 0);
    pt_narrow();
    pt_commit();
    unsigned done = give(count);
    for (unsigned i = 0; i < done; i++) {
        page_lose();
        first_lost = MIN(first_lost, pfns[i]);
    }
    for (unsigned i = done; i < count; i++)
        map(pfns[i], PTE_READ_WRITE);
    pt_commit();
    for (unsigned i = done; i < count; i++)
        page_give(pt_direct(pfns[i]));
    return done;
}

/* --- taking ----------------------------------------------------------------------------
 */

static unsigned take(unsigned count) {
    for (unsigned i = 0; i < count; i++)
        frames[i] = pfns[i];
    unsigned done = carry_out(XENMEM_populate_physmap, count);
    for (unsigned i = 0; i < done; i++)
        framelist_set(pfns[i], frames[i]);
    return done;
}

/* The next frames that the domain had before. */
static unsigned find_lost(unsigned most) {
    unsigned count = 0;

    for (pfn_t pfn = first_lost; pfn < page_end() && count < most; pfn++)
        if (xen_pfn_to_mfn(pfn) == FRAME_NONE)
            pfns[count++] = pfn;
    first_lost = count ? pfns[0] : page_end();
    return count;
}

static unsigned take_lost(unsigned most) {
    unsigned done = take(find_lost(most));

    for (unsigned i = 0; i < done; i++)
        map(pfns[i], PTE_READ_WRITE);
    pt_commit();
    for (unsigned i = 0; i < done; i++)
        page_regain(pt_direct(pfns[i]));
    return done;
}

static unsigned take_more(unsigned most) {
    unsigned count = (unsigned)MIN(most, page_limit() - page_end());

    if (framelist_extend(page_end() + count))
        return 0;
    for (unsigned i = 0; i < count; i++)
        pfns[i] = page_end() + i;
    unsigned done = take(count);
    page_extend(done);
    return done;
}

enum balloon balloon_step(size_t pages) {
    unsigned done;

    lock_take(&mm_lock);
    size_t has = page_count();
    if (has > pages) {
        unsigned most = (unsigned)MIN(has - pages, (size_t)BATCH);
        done = is_any_spare() ? give_unused(most) : 0;
        done = done ? done : give_free(most);
    } else {
        unsigned most = (unsigned)MIN(pages - has, (size_t)BATCH);
        done = take_lost(most);
        done = done ? done : take_more(most);
    }
    has = page_count();
    lock_drop(&mm_lock);
    return has == pages ? BALLOON_THERE : done ? BALLOON_GOES_ON : BALLOON_WAITS;
}

/* What is not said is no more than it has. */
pfn_t balloon_limit(pfn_t pages) {
    struct e820 {
        uint64_t start, size;
        uint32_t type;
    } __attribute__((packed)) map[1];
    struct xen_memory_map op = {.nr_entries = 1};

    set_xen_guest_handle(op.buffer, map);
    if (xen_is_initial_domain() || xen_memory_op(XENMEM_memory_map, &op) < 0 ||
        op.nr_entries != 1)
        return pages;
    pfn_t limit = (map[0].start + map[0].size) / PAGE_SIZE;
    return limit < pages ? pages : limit;
}
