/* SPDX-License-Identifier: MIT */
/*
 * Maps text to the address that it is linked at. Runs before that, where text was loaded,
 * so it is compiled to find its data by absolute address (-mcmodel=large) and may call
 * nothing that is not inlined, but for the hypercall.
 */
#include "pv/maptext.h"

#include "pv/pagetable.h"

ALWAYS_INLINE void update(const struct mmu_update *updates, unsigned long count) {
    register unsigned long number __asm__("r9") = __HYPERVISOR_mmu_update;
    register unsigned long domain __asm__("rcx") = DOMID_SELF;

    /* A direct call by name would be made to the linked address. */
    __asm__ __volatile__("call hypercall"
                         : "+D"(updates), "+S"(count), "+c"(domain), "+r"(number)
                         : "d"(0)
                         : "rax", "r8", "r10", "r11", "memory");
}

ALWAYS_INLINE void write_tables(size_t pages) {
    for (pfn_t pfn = 0; pfn < pages; pfn++) /* text is loaded at the domain's beginning */
        atman_text_tables[pfn] =
            pt_entry(pfn, PTE_PRESENT | PTE_USER | PTE_ACCESSED | PTE_DIRTY);
}

/* Takes the page that table is in for a table, for the region at va. */
ALWAYS_INLINE void hook(const uint64_t *table, unsigned long va) {
    pfn_t pfn = pt_direct_pfn(table);
    struct mmu_update updates[2];

    updates[0].ptr = pt_machine_address(pt_find((unsigned long)table, 1));
    updates[0].val = pt_entry(pfn, PTE_READ_ONLY);
    updates[1].ptr = pt_machine_address(pt_find(va, 2));
    updates[1].val = pt_entry(pfn, PTE_TABLE);
    update(updates, 2);
}

/* The large model has a section of its own for code, which would not be text's. */
__attribute__((section(".text.pv_map_text"))) void
pv_map_text(struct start_info *start_info) {
    size_t pages =
        ROUND_UP((size_t)(atman_text_end - atman_text_start), PAGE_SIZE) >> PAGE_SHIFT;

    xen_start_info = start_info;
    write_tables(pages);
    for (size_t at = 0; at < pages; at += PT_ENTRIES)
        hook(&atman_text_tables[at], (unsigned long)atman_text_start + (at << PAGE_SHIFT));
}
