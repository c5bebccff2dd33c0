/* SPDX-License-Identifier: MIT */
/*
 * Memory behind address ranges. A page without access rights keeps its memory by an entry
 * that is not present, with PTE_KEPT; an entry of 0 has none.
 */
#include "mm/backing.h"

#include <errno.h>
#include <sys/mman.h>

#include "mm/page.h"
#include "pv/pagetable.h"

enum {
    /* Pages of a region from which on taking its table away as a whole costs less. */
    WHOLE = 48,
    /* Pages that are forgotten by the processors together, and then given back. */
    TOGETHER = 64,
};

static unsigned long region_start(unsigned long va) {
    return ROUND_DOWN(va, pt_span(2));
}

/* like has the bits that stay. */
static pte_t entry_for(pfn_t pfn, unsigned prot, pte_t like) {
    like &= PTE_OBJECT | PTE_ASK;
    if (!(prot & (PROT_READ | PROT_WRITE | PROT_EXEC)))
        return (~pfn << PAGE_SHIFT & PTE_FRAME) | PTE_KEPT | like;
    unsigned long flags =
        prot & PROT_WRITE && !(like & PTE_ASK) ? PTE_READ_WRITE : PTE_READ_ONLY;
    return pt_entry(pfn, prot & PROT_EXEC ? flags & ~PTE_NX : flags) | like;
}

static pte_t entry_like(pte_t pte, unsigned prot) {
    return entry_for(pt_frame(pte), prot, pte);
}

int backing_set(unsigned long va, const void *page, unsigned prot, unsigned long kind) {
    return pt_set(va, entry_for(pt_direct_pfn(page), prot, kind));
}

/* The first page from va on that has memory, or end. Tables that are missing are skipped.
 */
static unsigned long next_backed(unsigned long va, unsigned long end) {
    while (va < end) {
        const pte_t *entry = pt_find(va, 1);
        if (!entry) {
            va = pt_skip(va);
            continue;
        }
        do {
            if (*entry)
                return va;
            va += PAGE_SIZE;
            entry++;
        } while (va < end && va != region_start(va));
    }
    return end;
}

size_t backing_count_missing(unsigned long start, unsigned long end) {
    size_t missing = (end - start) / PAGE_SIZE;

    for (unsigned long va = next_backed(start, end); va < end;
         va = next_backed(va + PAGE_SIZE, end))
        missing -= !(pt_get(va) & PTE_OBJECT);
    return missing;
}

int backing_fill(unsigned long start, unsigned long end, unsigned prot, size_t *count) {
    int error = 0;

    for (unsigned long va = start; va < end && !error; va += PAGE_SIZE) {
        if (va == start || va == region_start(va)) /* the direct map grows before */
            page_prepare(MIN((end - va) / PAGE_SIZE, (size_t)PT_ENTRIES));
        if (pt_get(va))
            continue;
        void *page = page_take();
        error = page ? backing_set(va, page, prot, 0) : -ENOMEM;
        if (!error)
            ++*count;
        else if (page)
            page_give(page);
    }
    pt_commit();
    return error;
}

void backing_protect(unsigned long start, unsigned long end, unsigned prot) {
    for (unsigned long va = next_backed(start, end); va < end;
         va = next_backed(va + PAGE_SIZE, end)) {
        if (prot & PROT_EXEC)
            pt_allow_execution(va);
        pt_set(va, entry_like(pt_get(va), prot));
    }
    pt_commit();
}

/* The image's own pages stay where the image is, though nothing is mapped there, and an
 * object's with the object. */
static void give(pte_t pte) {
    pfn_t pfn = pt_frame(pte);

    if (!(pte & PTE_OBJECT) && page_is_given(pfn))
        page_give(pt_direct(pfn));
}

/* All that the table of va's region maps, and the table. */
static size_t drop_table(unsigned long va) {
    pte_t *entries = pt_unhook(va, 2);
    size_t count = 0;

    for (unsigned i = 0; entries && i < PT_ENTRIES; i++) {
        if (!entries[i])
            continue;
        give(entries[i]);
        count += !(entries[i] & PTE_OBJECT);
    }
    if (entries) {
        page_give(entries);
        pt_tables--;
    }
    return count;
}

/* Page by page. Memory may be used again only when no translation to it is left. */
static size_t drop_pages(unsigned long start, unsigned long end) {
    unsigned long va = next_backed(start, end);
    pte_t gone[TOGETHER];
    size_t count = 0;

    while (va < end) {
        unsigned n = 0;
        for (; va < end && n < TOGETHER; va = next_backed(va + PAGE_SIZE, end)) {
            gone[n++] = pt_get(va);
            pt_set(va, 0);
        }
        pt_commit();
        while (n) {
            count += !(gone[--n] & PTE_OBJECT);
            give(gone[n]);
        }
    }
    return count;
}

void backing_forget(unsigned long start, unsigned long end) {
    for (unsigned long va = next_backed(start, end); va < end;
         va = next_backed(va + PAGE_SIZE, end))
        if (pt_get(va) & PTE_OBJECT)
            pt_set(va, 0);
    pt_commit();
}

void backing_ask(unsigned long start, unsigned long end, unsigned prot) {
    for (unsigned long va = next_backed(start, end); va < end;
         va = next_backed(va + PAGE_SIZE, end)) {
        pte_t pte = pt_get(va);
        if (pte & PTE_OBJECT && !(pte & PTE_ASK))
            pt_set(va, entry_like(pte | PTE_ASK, prot));
    }
    pt_commit();
}

/* There may be empty tables. */
static bool idle;

size_t backing_drop(unsigned long start, unsigned long end, unsigned long low,
                    unsigned long high) {
    size_t count = 0;

    while ((start = next_backed(start, end)) < end) {
        unsigned long region = region_start(start), next = region + pt_span(2);
        unsigned long to = MIN(next, end);
        bool alone = low <= region && next <= high;
        if (alone && to - start >= WHOLE * PAGE_SIZE)
            count += drop_table(start);
        else
            count += drop_pages(start, to);
        idle = true;
        start = to;
    }
    return count;
}

int backing_move(unsigned long from, unsigned long to, size_t size, unsigned prot) {
    unsigned long end = from + size;
    int error = 0;

    for (unsigned long va = next_backed(from, end); va < end && !error;
         va = next_backed(va + PAGE_SIZE, end))
        error = pt_set(to + (va - from), entry_like(pt_get(va), prot));
    pt_commit();

    /* The memory stays where it is wanted; the other mapping of it goes. */
    unsigned long gone = error ? to : from;
    for (unsigned long va = next_backed(gone, gone + size); va < gone + size;
         va = next_backed(va + PAGE_SIZE, gone + size))
        pt_set(va, 0);
    pt_commit();
    idle = true;
    return error;
}

/* The entry leads to a table, and by that nothing is mapped or kept. */
static bool is_empty(const pte_t *entry) {
    const pte_t *entries = *entry & PTE_PRESENT ? pt_table(*entry) : NULL;

    for (unsigned i = 0; entries && i < PT_ENTRIES; i++)
        if (entries[i])
            return false;
    return entries;
}

static void sweep(unsigned level) {
    unsigned long end = (unsigned long)pt_direct(page_limit());

    /* The image and the direct map keep their tables; those of the frame list are Xen's. */
    for (unsigned long va = ROUND_UP(end, pt_span(3)); va < 1ul << 47;) {
        if (pt_is_frame_list(va)) {
            va = FRAME_LIST + pt_span(PT_LEVELS);
            continue;
        }
        const pte_t *entry = pt_find(va, level);
        if (entry && is_empty(entry)) {
            page_give(pt_unhook(va, level));
            pt_tables--;
        }
        va = entry ? va + pt_span(level) : pt_skip(va);
    }
}

bool backing_sweep(void) {
    bool any = idle;

    idle = false;
    for (unsigned level = 2; any && level <= PT_LEVELS; level++)
        sweep(level);
    return any;
}

bool (*backing_reclaim)(void);
size_t backing_kept;

bool backing_make_room(void) {
    pt_commit();
    return backing_sweep() || (backing_reclaim && backing_reclaim());
}
