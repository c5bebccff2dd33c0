/* SPDX-License-Identifier: MIT */
/*
 * Frames never used lie between two frontiers that move towards each other; frames given
 * back are on a stack, an array of frame numbers in a window of its own behind the direct
 * map. The array grows into pages that are being freed, so that freeing never has to find
 * memory, but for the rare table that maps a new stretch of it. For such tables, and for
 * those that map more kernel pages, a few kernel pages are always held back.
 */
#include "mm/page.h"

#include "base/panic.h"
#include "base/string.h"
#include "pv/pagetable.h"
#include "xen/domain.h"

enum {
    RESERVE = 8, /* kernel pages held back for the tables that mapping more of them takes */
    GROW = 32,   /* kernel pages mapped at a time */
    PER_PAGE = PAGE_SIZE / sizeof(uint32_t),
};

/* A kernel page that was a program's before; the list is kept in the pages. */
struct spare {
    struct spare *next;
};

static struct {
    pfn_t end;                /* of the domain */
    pfn_t kernel, kernel_end; /* kernel pages never used: [kernel, kernel_end) */
    pfn_t top;                /* frames never used, not mapped: [kernel_end, top) */
    pfn_t hole, hole_end;     /* Xen's list of frames may lie within */
    struct spare *spares;     /* kernel pages besides those */
    size_t spare_count;
    bool refilling;             /* the reserve may be used */
    uint32_t *freed;            /* the window of the stack */
    size_t freed_count, backed; /* entries; pages of the window that are mapped */
} memory;

void page_init(pfn_t first, pfn_t mapped_end, pfn_t end) {
    memory.kernel = first;
    memory.kernel_end = MIN(mapped_end, end);
    memory.top = memory.end = end;
    memory.hole = xen_start_info->first_p2m_pfn;
    memory.hole_end = memory.hole + xen_start_info->nr_p2m_frames;
    memory.freed = (uint32_t *)ROUND_UP((unsigned long)pt_direct(end), 0x200000);
}

static pfn_t take_from_top(void) {
    if (memory.top == memory.hole_end && memory.hole >= memory.kernel_end)
        memory.top = memory.hole;
    return memory.top > memory.kernel_end ? --memory.top : PFN_NONE;
}

/* The last page of the window, once it holds no entries, is a free page itself. */
static pfn_t take_window_page(void) {
    unsigned long va = (unsigned long)&memory.freed[--memory.backed * PER_PAGE];
    struct pt_batch batch = {0};
    pfn_t pfn = pt_frame(pt_get(va));

    pt_set(&batch, va, 0);
    pt_commit(&batch);
    return pfn;
}

static pfn_t take_freed(void) {
    if (memory.freed_count > (memory.backed ? (memory.backed - 1) * PER_PAGE : 0))
        return memory.freed[--memory.freed_count];
    return memory.backed ? take_window_page() : PFN_NONE;
}

static size_t count_kernel(void) {
    return memory.kernel_end - memory.kernel + memory.spare_count;
}

static void add_spare(void *page) {
    struct spare *spare = page;

    spare->next = memory.spares;
    memory.spares = spare;
    memory.spare_count++;
}

static void *take_spare(void) {
    struct spare *page = memory.spares;

    memory.spares = page->next;
    memory.spare_count--;
    return page;
}

/* A kernel page that is not held back becomes a program page. */
static pfn_t take_kernel(void) {
    if (count_kernel() <= RESERVE)
        return PFN_NONE;
    if (memory.kernel_end > memory.kernel) /* the frontiers have met and stay together */
        return memory.top = --memory.kernel_end;
    return pt_direct_pfn(take_spare());
}

pfn_t page_alloc(void) {
    pfn_t pfn = take_freed();

    if (pfn == PFN_NONE)
        pfn = take_from_top();
    return pfn == PFN_NONE ? take_kernel() : pfn;
}

void page_free(pfn_t pfn) {
    if (memory.freed_count < memory.backed * PER_PAGE) {
        memory.freed[memory.freed_count++] = (uint32_t)pfn;
        return;
    }
    struct pt_batch batch = {0};
    unsigned long va = (unsigned long)&memory.freed[memory.backed * PER_PAGE];
    memory.refilling = true;
    if (pt_set(&batch, va, pt_entry(pfn, PTE_READ_WRITE)) < 0)
        panic("no memory for a table while memory is freed");
    memory.refilling = false;
    pt_commit(&batch);
    memory.backed++;
}

/* Maps pfn, which is free, in the direct map. */
static bool map_kernel_page(struct pt_batch *batch, pfn_t pfn) {
    return pt_set(batch, (unsigned long)pt_direct(pfn), pt_entry(pfn, PTE_READ_WRITE)) == 0;
}

/* The frontier goes on behind the hole; what was left before it becomes spares. */
static void skip_hole(void) {
    while (memory.kernel < memory.kernel_end)
        add_spare(pt_direct(memory.kernel++));
    memory.kernel = memory.kernel_end = memory.hole_end;
}

/* The next frames behind the last kernel page become kernel pages. */
static void grow(struct pt_batch *batch) {
    if (memory.kernel_end == memory.hole && memory.top > memory.hole)
        skip_hole();
    pfn_t end = MIN(memory.kernel_end + GROW, memory.top);
    if (memory.hole > memory.kernel_end)
        end = MIN(end, memory.hole);
    pfn_t pfn = memory.kernel_end;
    while (pfn < end && map_kernel_page(batch, pfn))
        pfn++;
    pt_commit(batch);
    memory.kernel_end = pfn;
}

/* Program pages that were given back become kernel pages. */
static void adopt(struct pt_batch *batch) {
    while (count_kernel() <= RESERVE + 1) {
        pfn_t pfn = take_freed();
        if (pfn == PFN_NONE)
            break;
        if (!map_kernel_page(batch, pfn)) {
            page_free(pfn);
            break;
        }
        pt_commit(batch);
        add_spare(pt_direct(pfn));
    }
}

static void refill(void) {
    struct pt_batch batch;

    batch.count = 0;
    batch.flush = false;
    memory.refilling = true;
    grow(&batch);
    if (count_kernel() <= RESERVE)
        adopt(&batch);
    memory.refilling = false;
}

void *page_alloc_kernel(void) {
    void *page;

    if (!memory.refilling && count_kernel() <= RESERVE)
        refill();
    if (count_kernel() <= (memory.refilling ? 0 : RESERVE))
        return NULL;
    page = memory.spares ? take_spare() : pt_direct(memory.kernel++);
    return memset(page, 0, PAGE_SIZE);
}

void page_free_kernel(void *page) {
    add_spare(page);
}

size_t page_count_free(void) {
    size_t kernel = count_kernel(), unused = memory.top - memory.kernel_end;

    if (memory.hole >= memory.kernel_end && memory.hole_end <= memory.top)
        unused -= memory.hole_end - memory.hole;
    return memory.freed_count + memory.backed + unused +
           (kernel > RESERVE ? kernel - RESERVE : 0);
}

size_t page_count(void) {
    return memory.end;
}
