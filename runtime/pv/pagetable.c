/* SPDX-License-Identifier: MIT */
/*
 * Walks and changes page tables. Invariant: every table is mapped read-only in the direct
 * map, and nowhere writable, which is what Xen asks of a page that it takes for a table.
 */
#include "pv/pagetable.h"

#include <errno.h>

#include "base/panic.h"
#include "mm/page.h"
#include "xen/domain.h"
#include "xen/hypercall.h"

pfn_t pt_frame(pte_t pte) {
    unsigned long frame = (pte & PTE_FRAME) >> PAGE_SHIFT;

    return pte & PTE_PRESENT ? xen_mfn_to_pfn(frame) : frame;
}

static void carry_out(struct pt_batch *batch) {
    if (batch->count && xen_mmu_update(batch->updates, batch->count) < 0)
        panic("Xen refused a page-table update");
    batch->count = 0;
}

void pt_queue(struct pt_batch *batch, const pte_t *entry, pte_t value) {
    if (batch->count == PT_BATCH)
        carry_out(batch);
    batch->updates[batch->count++] = (struct mmu_update){
        .ptr = pt_machine_address(entry) | MMU_NORMAL_PT_UPDATE, .val = value};
}

void pt_commit(struct pt_batch *batch) {
    carry_out(batch);
    if (batch->flush) {
        struct mmuext_op op = {.cmd = MMUEXT_TLB_FLUSH_LOCAL};
        xen_mmuext_op(&op, 1);
        batch->flush = false;
    }
}

/* Makes the table that entry (of a table of the level above) lacks. */
static int make_table(struct pt_batch *batch, const pte_t *entry) {
    void *page = page_alloc_kernel();

    if (!page)
        return -ENOMEM;
    pfn_t pfn = pt_direct_pfn(page);
    pt_queue(batch, pt_find((unsigned long)page, 1), pt_entry(pfn, PTE_READ_ONLY));
    pt_queue(batch, entry, pt_entry(pfn, PTE_TABLE));
    carry_out(batch); /* the next walk reads it */
    return 0;
}

int pt_set(struct pt_batch *batch, unsigned long va, pte_t pte) {
    const pte_t *entry = pt_find(va, 1);

    for (unsigned level = PT_LEVELS; !entry && level > 1; level--) {
        entry = pt_find(va, level);
        int error = *entry & PTE_PRESENT ? 0 : make_table(batch, entry);
        if (error)
            return error;
        entry = pt_find(va, 1);
    }
    if (*entry & PTE_PRESENT)
        batch->flush = true;
    pt_queue(batch, entry, pte);
    return 0;
}

unsigned long pt_skip(unsigned long va) {
    unsigned level = 1;

    while (level < PT_LEVELS && !pt_find(va, level))
        level++;
    return ROUND_DOWN(va, pt_span(level)) + pt_span(level);
}

/* Xen forgets that the page is a table when no entry leads to it; then it may be written.
 */
void pt_release(unsigned long va, unsigned level) {
    struct pt_batch batch = {0};
    const pte_t *entry = pt_find(va, level);

    if (!entry || !(*entry & PTE_PRESENT))
        return;
    void *page = (void *)pt_table(*entry);
    pt_queue(&batch, entry, 0);
    batch.flush = true;
    pt_commit(&batch);
    pt_queue(&batch, pt_find((unsigned long)page, 1),
             pt_entry(pt_direct_pfn(page), PTE_READ_WRITE));
    pt_commit(&batch);
    page_free_kernel(page);
}

void pt_allow_execution(struct pt_batch *batch, unsigned long va) {
    const pte_t *region = pt_find(va, 2);

    if (!region || !(*region & PTE_PRESENT) || !(*region & PTE_NX))
        return;
    const pte_t *pages = pt_table(*region);
    for (unsigned i = 0; i < PT_ENTRIES; i++)
        if (pages[i] & PTE_PRESENT)
            pt_queue(batch, &pages[i], pages[i] | PTE_NX);
    pt_queue(batch, region, *region & ~PTE_NX);
    pt_commit(batch);
}
