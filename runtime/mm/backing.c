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

    for (unsigned long va = start; va < end; va += PAGE_SIZE) {
        pte_t pte = pt_get(va);
        if (!pte)
            continue;
        if (prot & PROT_EXEC)
            pt_allow_execution(&batch, va);
        pt_set(&batch, va, entry_for(pt_frame(pte), prot));
    }
    pt_commit(&batch);
}

/* Frames may be used again only when no translation to them is left: a batch at a time. */
void backing_drop(unsigned long start, unsigned long end) {
    pfn_t gone[PT_BATCH];

    for (unsigned long va = start; va < end;) {
        struct pt_batch batch = {0};
        unsigned count = 0;
        for (; va < end && count < PT_BATCH; va += PAGE_SIZE) {
            pte_t pte = pt_get(va);
            if (!pte)
                continue;
            gone[count++] = pt_frame(pte);
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

    for (size_t at = 0; at < size && !error; at += PAGE_SIZE) {
        pte_t pte = pt_get(from + at);
        if (pte)
            error = pt_set(&batch, to + at, entry_for(pt_frame(pte), prot));
    }
    unsigned long gone = error ? to : from;
    pt_commit(&batch);
    for (size_t at = 0; at < size; at += PAGE_SIZE)
        if (pt_get(gone + at))
            pt_set(&batch, gone + at, 0);
    pt_commit(&batch);
    return error;
}
