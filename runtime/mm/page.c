/* SPDX-License-Identifier: MIT */
/*
 * Pages given back are on a list that runs through the pages themselves; the others are
 * taken in order, from the builder's mapping first. Extending the direct map may take
 * page tables, up to one a level; that many pages are held back as long as there is more
 * to map.
 */
#include "mm/page.h"

#include "base/string.h"
#include "mm/backing.h"
#include "mm/lock.h"
#include "pv/pagetable.h"
#include "xen/domain.h"

enum {
    RESERVE = PT_LEVELS, /* one more than the tables that a new stretch can take */
    STEP_FIRST = 32,     /* pages mapped at a time; doubled each time, up to a table */
};

struct spare {
    struct spare *next;
};

static struct {
    pfn_t first, end, limit; /* page_init's; the end may move */
    pfn_t next,
        mapped; /* never used: [next, mapped) in the direct map, [mapped, end) not */
    pfn_t hole, hole_end; /* Xen's list of frames, outside of what the builder mapped */
    pfn_t own, own_end;   /* page_own's */
    struct spare *spares;
    size_t free; /* spares and [next, mapped) */
    size_t lost; /* frames before the end that the domain does not have */
    long taken, taken_most;
    unsigned step;
    bool growing;
} memory;

void page_init(pfn_t first, pfn_t mapped_end, pfn_t end, pfn_t limit) {
    memory.first = memory.next = first;
    memory.mapped = MIN(mapped_end, end);
    memory.free = memory.mapped - first;
    memory.end = end;
    memory.limit = limit;
    memory.hole = xen_start_info->first_p2m_pfn;
    memory.hole_end = memory.hole + xen_start_info->nr_p2m_frames;
    memory.step = STEP_FIRST;
}

static void add_spare(void *page) {
    struct spare *spare = page;

    spare->next = memory.spares;
    memory.spares = spare;
}

/* What was left before the hole becomes spares; pages in order go on behind it. */
static void skip_hole(void) {
    while (memory.next < memory.mapped)
        add_spare(pt_direct(memory.next++));
    memory.next = memory.mapped = memory.hole_end;
}

/* Maps the next pages, within one table, which is then made whole. False if there are none.
 */
static bool grow(void) {
    if (memory.mapped == memory.hole)
        skip_hole();
    pfn_t at = memory.mapped, to = MIN(at + memory.step, memory.end);
    unsigned long va = (unsigned long)pt_direct(at);
    if (memory.hole > at)
        to = MIN(to, memory.hole);
    to = MIN(to, at + PT_ENTRIES - pt_index(va, 1));
    memory.growing = true;
    while (at < to && !pt_set((unsigned long)pt_direct(at), pt_entry(at, PTE_READ_WRITE)))
        at++;
    pt_commit();
    memory.growing = false;
    memory.step = MIN(2 * memory.step, (unsigned)PT_ENTRIES);
    bool any = at > memory.mapped;
    memory.free += at - memory.mapped;
    memory.mapped = at;
    return any;
}

void page_prepare(size_t count) {
    if (!memory.growing)
        while (memory.free < count + RESERVE && memory.mapped < memory.end && grow())
            ;
}

void *page_take(void) {
    page_prepare(1);
    if (!memory.free)
        return NULL;
    memory.free--;
    memory.taken++;
    if (memory.taken > memory.taken_most)
        memory.taken_most = memory.taken;
    void *page = memory.spares;
    if (page)
        memory.spares = memory.spares->next;
    else
        page = pt_direct(memory.next++);
    return memset(page, 0, PAGE_SIZE);
}

void page_give(void *page) {
    add_spare(page);
    memory.free++;
    memory.taken--;
}

bool page_is_given(pfn_t pfn) {
    return pfn >= memory.first || (pfn >= memory.own && pfn < memory.own_end);
}

void page_own(pfn_t first, pfn_t end) {
    memory.own = first;
    memory.own_end = end;
}

void *page_alloc_kernel(void) {
    lock_take(&mm_lock);
    void *page = page_take();
    if (!page && backing_reclaim && backing_reclaim())
        page = page_take();
    lock_drop(&mm_lock);
    return page;
}

void page_free_kernel(void *page) {
    lock_take(&mm_lock);
    page_give(page);
    lock_drop(&mm_lock);
}

size_t page_count_free(void) {
    size_t unmapped = memory.end - memory.mapped;

    if (memory.hole >= memory.mapped && memory.hole_end <= memory.end)
        unmapped -= memory.hole_end - memory.hole;
    return memory.free + unmapped - (unmapped + PT_ENTRIES - 1) / PT_ENTRIES;
}

size_t page_count_most(void) {
    return page_count() - page_count_free() + (size_t)(memory.taken_most - memory.taken);
}

size_t page_count(void) {
    return memory.end - memory.lost;
}

pfn_t page_end(void) {
    return memory.end;
}

pfn_t page_limit(void) {
    return memory.limit;
}

/* The hole stays. */
size_t page_cut(size_t most) {
    pfn_t least = memory.hole >= memory.mapped ? memory.hole_end : memory.mapped;
    size_t count = memory.end > least ? MIN(most, memory.end - least) : 0;

    memory.end -= count;
    return count;
}

void page_extend(size_t count) {
    memory.end += count;
}

void page_lose(void) {
    memory.lost++;
    memory.taken--;
}

void page_regain(void *page) {
    memory.lost--;
    add_spare(page);
    memory.free++;
}
