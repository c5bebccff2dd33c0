/* SPDX-License-Identifier: MIT */
/*
 * Takes write permission from text (where it was loaded) and constants, page by page, and
 * execution from all that the builder mapped, by the entries of the upper levels; text is
 * executed at its own address (pv/maptext.c).
 */
#include "pv/protect.h"

#include "pv/pagetable.h"
#include "xen/domain.h"
#include "xen/hypercall.h"

enum { REGION_SIZE = 0x200000 };

static void make_read_only(struct pt_batch *batch, unsigned long from, unsigned long to) {
    for (unsigned long va = ROUND_DOWN(from, PAGE_SIZE); va < to; va += PAGE_SIZE) {
        const pte_t *entry = pt_find(va, 1);
        pt_queue(batch, entry, *entry & ~PTE_WRITE);
    }
}

void protect_image(unsigned long guard, unsigned long end) {
    unsigned long start = (unsigned long)atman_image_start;
    struct pt_batch batch;

    batch.count = 0;
    batch.flush = true;
    make_read_only(&batch, start, (unsigned long)atman_rodata_end);
    for (unsigned long va = ROUND_DOWN(start, REGION_SIZE); va < end; va += REGION_SIZE) {
        const pte_t *region = pt_find(va, 2);
        pt_queue(&batch, region, *region | PTE_NX);
    }
    const pte_t *list = pt_find(FRAME_LIST, PT_LEVELS);
    pt_queue(&batch, list, *list | PTE_NX);
    pt_queue(&batch, pt_find(guard, 1), 0);
    pt_queue(&batch, pt_find((unsigned long)&xen_shared_info, 1),
             xen_start_info->shared_info | PTE_READ_WRITE);
    pt_commit(&batch);
}
