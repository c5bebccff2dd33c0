/* SPDX-License-Identifier: MIT */
/*
 * Page tables. They are Xen's to write: a change is queued in a struct pt_batch, and a
 * hypercall carries out many. Tables are read directly, each through the direct map.
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
/* Not present, but the frame number (a pfn, not an mfn) is kept: PROT_NONE with contents.
 */
#define PTE_KEPT 0x200ul
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

enum { PT_BATCH = 64 };

/* Changes not yet carried out; lives on its user's stack, starts as {0}. */
struct pt_batch {
    unsigned count;
    bool flush; /* a mapping was taken away or narrowed: stale TLB entries */
    struct mmu_update updates[PT_BATCH];
};

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
 * show yet.
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

/*
 * The entry of the page at va, 0 if there is not even a table. Any va will do: the upper
 * half of the address space, where Xen is, and what is no address at all count as empty.
 */
static inline pte_t pt_get(unsigned long va) {
    const pte_t *entry = va >> 47 ? NULL : pt_find(va, 1);

    return entry ? *entry : 0;
}

/* The frame an entry maps or keeps. The entry must not be 0. */
pfn_t pt_frame(pte_t pte);

/*
 * Queues the entry of the page at va. Tables that are missing on the way are made at
 * once, from mm/page.h's kernel pages. Returns 0, or -ENOMEM: nothing was queued.
 */
int pt_set(struct pt_batch *batch, unsigned long va, pte_t pte);

/* Bytes of address space that one entry of that level maps. */
static inline unsigned long pt_span(unsigned level) {
    return PAGE_SIZE << 9 * (level - 1);
}

/* va has no entry because a table is missing: the first address that this is not true of.
 */
unsigned long pt_skip(unsigned long va);

/*
 * Takes away the table that va's entry at level (2 or above) leads to, if there is one, and
 * gives its page back to mm/page.h. Nothing may be mapped or kept below that entry.
 */
void pt_release(unsigned long va, unsigned level);

/* Queues a change of an entry that pt_find found. */
void pt_queue(struct pt_batch *batch, const pte_t *entry, pte_t value);

/* Carries out what is queued, then forgets stale translations if there can be any. */
void pt_commit(struct pt_batch *batch);

/*
 * Everything behind the text is made not executable by a whole-region bit. This turns
 * that of the region around va into a bit for each of its pages, so that one of them can
 * be made executable. Carries out what is queued.
 */
void pt_allow_execution(struct pt_batch *batch, unsigned long va);

#endif
