/* SPDX-License-Identifier: MIT */
/*
 * Frames behind address ranges. A page without access rights keeps its frame in an entry
 * that is not present, with PTE_KEPT; an entry of 0 has none.
 */
#include "mm/backing.h"

#include <errno.h>
#include <sys/mman.h>

#include "base/string.h"
#include "mm/page.h"
#include "pv/pagetable.h"

static pte_t entry_for(pfn_t pfn, int prot) {
    if (!(prot & (PROT_READ | PROT_WRITE | PROT_EXEC)))
        return pfn << PAGE_SHIFT | PTE_KEPT;
    unsigned long flags = prot & PROT_WRITE ? PTE_READ_WRITE : PTE_READ_ONLY;
    return pt_entry(pfn, prot & PROT_EXEC ? flags & ~PTE_NX : flags);
}

/* The first page of the range that has a frame, or end. Tables that are missing are
 * skipped. */
static unsigned long next_backed(unsigned long va, unsigned long end) {
    while (va < end) {
        const pte_t *entry = pt_find(va, 1);
        if (entry && *entry)
            return va;
        va = entry ? va + PAGE_SIZE : pt_skip(va);
    }
    return end;
}

size_t backing_count_missing(unsigned long start, unsigned long end) {
    size_t missing = (end - start) / PAGE_SIZE;

    for (unsigned long va = next_backed(start, end); va < end;
         va = next_backed(va + PAGE_SIZE, end))
        missing--;
    return missing;
}

/* Maps new frames to the pages that have none; where it stopped if not at the end. */
static unsigned long map_new(unsigned long start, unsigned long end) {
    struct pt_batch batch = {0};
    unsigned long va = start;

    for (; va < end; va += PAGE_SIZE) {
        if (pt_get(va))
            continue;
        pfn_t pfn = page_alloc();
        if (pfn == PFN_NONE)
            break;
        if (pt_set(&batch, va, pt_entry(pfn, PTE_READ_WRITE)) < 0) {
            page_free(pfn);
            break;
        }
    }
    pt_commit(&batch);
    return va;
}

int backing_fill(unsigned long start, unsigned long end) {
    for (unsigned long va = start; va < end;) {
        unsigned long from = va;
        while (from < end && pt_get(from))
            from += PAGE_SIZE;
        unsigned long to = from;
        while (to < end && !pt_get(to))
            to += PAGE_SIZE;
        va = map_new(from, to);
        memset((void *)from, 0, va - from);
        if (va < to) {
            backing_drop(from, va);
            return -ENOMEM;
        }
    }
    return 0;
}

void backing_protect(unsigned long start, unsigned long end, int prot) {
    struct pt_batch batch = {0};

    for (unsigned long va = next_backed(start, end); va < end;
         va = next_backed(va + PAGE_SIZE, end)) {
        if (prot & PROT_EXEC)
            pt_allow_execution(&batch, va);
        pt_set(&batch, va, entry_for(pt_frame(pt_get(va)), prot));
    }
    pt_commit(&batch);
}

/* Frames may be used again only when no translation to them is left: a batch at a time. */
void backing_drop(unsigned long start, unsigned long end) {
    unsigned long va = next_backed(start, end);
    pfn_t gone[PT_BATCH];

    while (va < end) {
        struct pt_batch batch = {0};
        unsigned count = 0;
        for (; va < end && count < PT_BATCH; va = next_backed(va + PAGE_SIZE, end)) {
            gone[count++] = pt_frame(pt_get(va));
            pt_set(&batch, va, 0);
        }
        pt_commit(&batch);
        while (count)
            page_free(gone[--count]);
    }
}

int backing_move(unsigned long from, unsigned long to, size_t size, int prot) {
    struct pt_batch batch = {0};
    int error = 0;

    for (unsigned long va = next_backed(from, from + size); va < from + size && !error;
         va = next_backed(va + PAGE_SIZE, from + size))
        error = pt_set(&batch, to + (va - from), entry_for(pt_frame(pt_get(va)), prot));
    pt_commit(&batch);

    /* The frames stay where they are wanted; the other mapping of them goes. */
    unsigned long gone = error ? to : from;
    for (unsigned long va = next_backed(gone, gone + size); va < gone + size;
         va = next_backed(va + PAGE_SIZE, gone + size))
        pt_set(&batch, va, 0);
    pt_commit(&batch);
    return error;
}
