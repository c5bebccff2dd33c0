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

enum { BATCH = 64, REGION_SHIFT = PAGE_SHIFT + 9 };

static struct {
    unsigned count, total; /* in updates; since the last commit */
    bool narrows;
    unsigned long va; /* of the only update, 0 if it is not a page's */
    pte_t *open;      /* a level-1 table that Xen does not know of yet */
    unsigned long open_va;
    struct mmu_update updates[BATCH];
} batch;

pfn_t pt_frame(pte_t pte) {
    if (pte & PTE_PRESENT)
        return xen_mfn_to_pfn((pte & PTE_FRAME) >> PAGE_SHIFT);
    return (~pte & PTE_FRAME) >> PAGE_SHIFT;
}

static void check(long result) {
    if (result < 0)
        panic("Xen refused a page-table update");
}

static void carry_out(void) {
    if (batch.count)
        check(xen_mmu_update(batch.updates, batch.count));
    batch.count = 0;
}

static void queue(const pte_t *entry, pte_t value, unsigned long va) {
    if (batch.count == BATCH)
        carry_out();
    batch.va = batch.total++ ? 0 : va;
    batch.updates[batch.count++] = (struct mmu_update){
        .ptr = pt_machine_address(entry) | MMU_NORMAL_PT_UPDATE, .val = value};
}

void pt_queue(const pte_t *entry, pte_t value) {
    queue(entry, value, 0);
}

void pt_narrow(void) {
    batch.narrows = true;
}

/* The page becomes the table that entry (of a table of the level above) leads to. */
static void hook(const pte_t *entry, const void *page) {
    pfn_t pfn = pt_direct_pfn(page);

    pt_queue(pt_find((unsigned long)page, 1), pt_entry(pfn, PTE_READ_ONLY));
    pt_queue(entry, pt_entry(pfn, PTE_TABLE));
}

static void close_table(void) {
    if (batch.open)
        hook(pt_find(batch.open_va, 2), batch.open);
    batch.open = NULL;
}

void pt_commit(void) {
    close_table();
    if (batch.count == 1 && batch.va) {
        check(xen_update_va_mapping(batch.va, batch.updates[0].val,
                                    batch.narrows ? UVMF_INVLPG | UVMF_ALL : 0));
    } else {
        carry_out();
        struct mmuext_op op = {.cmd = MMUEXT_TLB_FLUSH_ALL};
        if (batch.narrows)
            xen_mmuext_op(&op, 1);
    }
    batch.count = batch.total = 0;
    batch.narrows = false;
}

size_t pt_tables;

/* Tables of level 2 and 3 are given to Xen empty; the one of level 1 stays open. */
static int open_table(unsigned long va) {
    close_table();
    for (unsigned level = PT_LEVELS; level > 1; level--) {
        const pte_t *entry = pt_find(va, level);
        if (*entry & PTE_PRESENT)
            continue;
        void *page = page_take();
        if (!page)
            return -ENOMEM;
        pt_tables++;
        if (level == 2) {
            batch.open = page;
            batch.open_va = va;
        } else {
            hook(entry, page);
            carry_out(); /* the next step reads it */
        }
    }
    return 0;
}

/* A processor may remember more than the new entry allows. */
static bool is_narrowed(pte_t was, pte_t now) {
    return was & PTE_PRESENT && ((was ^ now) & (PTE_FRAME | PTE_PRESENT) ||
                                 was & ~now & PTE_WRITE || now & ~was & PTE_NX);
}

int pt_set(unsigned long va, pte_t pte) {
    bool open = batch.open && (va ^ batch.open_va) >> REGION_SHIFT == 0;
    const pte_t *entry = open ? NULL : pt_find(va, 1);

    if (!entry) {
        int error = open ? 0 : open_table(va);
        if (!error)
            batch.open[pt_index(va, 1)] = pte;
        return error;
    }
    if (is_narrowed(*entry, pte))
        batch.narrows = true;
    queue(entry, pte, va);
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
pte_t *pt_unhook(unsigned long va, unsigned level) {
    const pte_t *entry = pt_find(va, level);

    if (!entry || !(*entry & PTE_PRESENT))
        return NULL;
    unsigned long page = (unsigned long)pt_table(*entry);
    pt_queue(entry, 0);
    pt_queue(pt_find(page, 1), pt_entry(pt_direct_pfn((void *)page), PTE_READ_WRITE));
    batch.narrows = true;
    pt_commit();
    return (pte_t *)page;
}

void pt_allow_execution(unsigned long va) {
    const pte_t *region = pt_find(va, 2);

    if (!region || !(*region & PTE_PRESENT) || !(*region & PTE_NX))
        return;
    const pte_t *pages = pt_table(*region);
    for (unsigned i = 0; i < PT_ENTRIES; i++)
        if (pages[i] & PTE_PRESENT)
            pt_queue(&pages[i], pages[i] | PTE_NX);
    pt_queue(region, *region & ~PTE_NX);
    pt_commit();
}
