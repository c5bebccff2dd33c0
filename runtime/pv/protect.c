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

static void make_read_only(unsigned long from, unsigned long to) {
    for (unsigned long va = ROUND_DOWN(from, PAGE_SIZE); va < to; va += PAGE_SIZE) {
        const pte_t *entry = pt_find(va, 1);
        pt_queue(entry, *entry & ~PTE_WRITE);
    }
}

void protect_image(unsigned long guard, unsigned long end) {
    unsigned long start = (unsigned long)atman_image_start;

    pt_narrow();
    make_read_only(start, (unsigned long)atman_rodata_end);
    for (unsigned long va = ROUND_DOWN(start, REGION_SIZE); va < end; va += REGION_SIZE) {
        const pte_t *region = pt_find(va, 2);
        pt_queue(region, *region | PTE_NX);
    }
    const pte_t *list = pt_find(FRAME_LIST, PT_LEVELS);
    pt_queue(list, (*list | PTE_NX) & ~PTE_WRITE); /* a wild pointer must not reach it */
    pt_queue(pt_find(guard, 1), 0);
    pt_queue(pt_find((unsigned long)&xen_shared_info, 1),
             xen_start_info->shared_info | PTE_READ_WRITE);
    pt_commit();
}
