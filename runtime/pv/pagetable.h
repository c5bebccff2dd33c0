/* SPDX-License-Identifier: MIT */
/*
 * Page tables. They are Xen's to write: a change is queued, and a hypercall carries out
 * many. A table that is missing is filled before it is given to Xen, which then costs less
 * than changing its entries one by one. Tables are read directly, each through the direct
 * map. Whoever changes anything holds mm_lock (mm/lock.h), or is alone still.
 *
 * The direct map is the image's own mapping carried on: frame pfn is at
 * atman_image_start + pfn * PAGE_SIZE, if it is mapped there at all (mm/page.h).
 */
#ifndef ATMAN_PV_PAGETABLE_H
#define ATMAN_PV_PAGETABLE_H

#include "pv/layout.h"
#include "xen/domain.h"

typedef uint64_t pte_t;

enum { PT_ENTRIES = 512, PT_LEVELS = 4 };

#define PTE_PRESENT 0x1ul
#define PTE_WRITE 0x2ul
#define PTE_USER 0x4ul
#define PTE_ACCESSED 0x20ul
#define PTE_DIRTY 0x40ul
/*
 * Not present, but the frame is kept: PROT_NONE with contents. The number in it is the pfn
 * (not an mfn) inverted, so that the address is one that no memory has: with others a
 * processor may speculate, and Xen takes them for an attack (L1 terminal fault).
 */
#define PTE_KEPT 0x200ul
/* Software's, of an entry for a page of the program's that is present or kept: the page is
 * an object's (mm/object.h); a write to it is to be a fault, whatever its area allows. */
#define PTE_OBJECT 0x400ul
#define PTE_ASK 0x800ul
#define PTE_NX (1ul << 63)
#define PTE_FRAME 0x000ffffffffff000ul

/* Kernel and program run alike in ring 3, so every entry is a user one. */
#define PTE_READ_ONLY (PTE_PRESENT | PTE_USER | PTE_ACCESSED | PTE_DIRTY | PTE_NX)
#define PTE_READ_WRITE (PTE_READ_ONLY | PTE_WRITE)
/* An entry that leads to a table. */
#define PTE_TABLE (PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_ACCESSED)

ALWAYS_INLINE void *pt_direct(pfn_t pfn) {
    return atman_image_start + (pfn << PAGE_SHIFT);
}

ALWAYS_INLINE pfn_t pt_direct_pfn(const void *address) {
    return ((unsigned long)address - (unsigned long)atman_image_start) >> PAGE_SHIFT;
}

ALWAYS_INLINE unsigned pt_index(unsigned long va, unsigned level) {
    return va >> (PAGE_SHIFT + 9 * (level - 1)) & (PT_ENTRIES - 1);
}

/* The table that a present entry of level 2 or above leads to. */
ALWAYS_INLINE const pte_t *pt_table(pte_t entry) {
    return pt_direct(xen_mfn_to_pfn((entry & PTE_FRAME) >> PAGE_SHIFT));
}

/*
 * The entry that va's translation goes through at level 1 (the page's own) to 4, or NULL
 * if the table that it would be in is missing. To be read only; queued changes do not
 * show yet. Not for the frame list (see below).
 */
ALWAYS_INLINE const pte_t *pt_find(unsigned long va, unsigned level) {
    const pte_t *table = (const pte_t *)xen_start_info->pt_base;

    for (unsigned at = PT_LEVELS; at > level; at--) {
        pte_t entry = table[pt_index(va, at)];
        if (!(entry & PTE_PRESENT))
            return NULL;
        table = pt_table(entry);
    }
    return &table[pt_index(va, level)];
}

/* Where an entry is in the machine, as mmu_update wants it. */
ALWAYS_INLINE uint64_t pt_machine_address(const pte_t *entry) {
    return xen_pfn_to_mfn(pt_direct_pfn(entry)) << PAGE_SHIFT |
           ((unsigned long)entry & (PAGE_SIZE - 1));
}

/* A present entry for pfn with flags, e.g. PTE_READ_WRITE. */
ALWAYS_INLINE pte_t pt_entry(pfn_t pfn, unsigned long flags) {
    return xen_pfn_to_mfn(pfn) << PAGE_SHIFT | flags;
}

/* The tables of Xen's frame list are not in the direct map: they cannot be walked. */
static inline bool pt_is_frame_list(unsigned long va) {
    return va >> (PAGE_SHIFT + 27) == FRAME_LIST >> (PAGE_SHIFT + 27);
}

/*
 * The entry of the page at va, 0 if there is not even a table. Any va will do: the upper
 * half of the address space, where Xen is, Xen's frame list and what is no address at all
 * count as empty.
 */
static inline pte_t pt_get(unsigned long va) {
    const pte_t *entry = va >> 47 || pt_is_frame_list(va) ? NULL : pt_find(va, 1);

    return entry ? *entry : 0;
}

/* The frame an entry maps or keeps. The entry must not be 0. */
pfn_t pt_frame(pte_t pte);

/*
 * Queues the entry of the page at va. Tables that are missing on the way are made, of
 * pages of mm/page.h's. Returns 0, or -ENOMEM: nothing was queued.
 */
int pt_set(unsigned long va, pte_t pte);

/* Queues a change of an entry that pt_find found. */
void pt_queue(const pte_t *entry, pte_t value);

/* What is queued takes away a mapping, or a right: translations may be stale. */
void pt_narrow(void);

/* Carries out what is queued, then forgets stale translations, on all processors. */
void pt_commit(void);

/* Bytes of address space that one entry of that level maps. */
static inline unsigned long pt_span(unsigned level) {
    return PAGE_SIZE << 9 * (level - 1);
}

/* va has no entry because a table is missing: the first address that this is not true of.
 */
unsigned long pt_skip(unsigned long va);

/*
 * Takes away the table that va's entry at level (2 or above) leads to, and all that is
 * mapped by it. Its page, with the entries as they were, is an ordinary one of mm/page.h's
 * afterwards, the caller's; NULL if there is no such table. Nothing may be queued.
 */
pte_t *pt_unhook(unsigned long va, unsigned level);

/*
 * Everything behind the text is made not executable by a whole-region bit. This turns
 * that of the region around va into a bit for each of its pages, so that one of them can
 * be made executable. Carries out what is queued.
 */
void pt_allow_execution(unsigned long va);

/* Tables that were made and are there. Under mm_lock. */
extern size_t pt_tables;

#endif
