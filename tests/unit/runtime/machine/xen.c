/* SPDX-License-Identifier: MIT */
/*
 * Xen, as far as page tables go: mmu_update, update_va_mapping and the flush, with Xen's
 * rules about what a table is (xen/include/public/xen.h, HYPERVISOR_mmu_update). What the
 * runtime never does, such as putting a table where another one is, is refused.
 */
#include <errno.h>

#include "machine/frames.h"
#include "require.h"
#include "xen/hypercall.h"

static unsigned long span(unsigned level) {
    return 1ul << (PAGE_SHIFT + 9 * (level - 1));
}

static mfn_t entry_mfn(pte_t entry) {
    return (entry & PTE_FRAME) >> PAGE_SHIFT;
}

static void forget_mapping(unsigned long va, pte_t entry) {
    long pfn = frames_find(entry_mfn(entry));

    if (pfn == FRAMES_NONE)
        return;
    frames[pfn].writable -= !!(entry & PTE_WRITE);
    frames[pfn].elsewhere -= !frames_is_direct(va);
}

/* Whether the processor may remember more than the tables allow now. */
static bool is_narrowed(pte_t was, pte_t now) {
    return !(now & PTE_PRESENT) || (was ^ now) & PTE_FRAME ||
           (was & PTE_WRITE && !(now & PTE_WRITE)) || (now & PTE_NX && !(was & PTE_NX));
}

static int set_page(unsigned long va, pte_t was, pte_t now) {
    if (now & PTE_PRESENT && entry_mfn(now) != FRAMES_FOREIGN_MFN) {
        long pfn = frames_find(entry_mfn(now));
        if (pfn == FRAMES_NONE)
            return -EINVAL;
        struct frame *frame = &frames[pfn];
        REQUIRE_SAYING(!frame->reserved, "frame %ld is Xen's", pfn);
        bool same = was & PTE_PRESENT && !((was ^ now) & PTE_FRAME);
        REQUIRE_SAYING(same || frame->stale < frames_now,
                       "frame %ld is used again, and not flushed yet", pfn);
        if (now & PTE_WRITE && frame->level)
            return -EBUSY;
        frame->writable += !!(now & PTE_WRITE);
        frame->elsewhere += !frames_is_direct(va);
    }
    if (was & PTE_PRESENT) {
        long pfn = frames_find(entry_mfn(was));
        forget_mapping(va, was);
        if (pfn != FRAMES_NONE && is_narrowed(was, now))
            frames[pfn].stale = frames_now;
    }
    if (entry_mfn(now) != FRAMES_FOREIGN_MFN)
        frames_map(va, now);
    return 0;
}

/* An entry that is not present looks to Xen like an attack if it has a real address. */
static bool is_safe(pte_t entry) {
    return entry & PTE_PRESENT || !(entry & PTE_FRAME) || entry_mfn(entry) >> 39;
}

/* What each entry of a level-1 table maps is mapped now, or not any more. */
static int set_all(const uint64_t *entries, unsigned long va, bool mapped) {
    int error = 0;

    for (unsigned i = 0; i < PT_ENTRIES && !error; i++, va += PAGE_SIZE) {
        REQUIRE(is_safe(entries[i]));
        if (entries[i])
            error = set_page(va, mapped ? 0 : entries[i], mapped ? entries[i] : 0);
    }
    return error;
}

/* A table becomes part of another; Xen sees to stale translations to it by itself. */
static int add_table(unsigned level, unsigned long va, pte_t now) {
    long pfn = frames_find(entry_mfn(now));

    if (pfn == FRAMES_NONE || frames[pfn].writable || frames[pfn].level)
        return -EBUSY;
    REQUIRE(!frames[pfn].reserved);
    const uint64_t *entries = machine_frame((pfn_t)pfn);
    for (unsigned i = 0; i < PT_ENTRIES && level > 1; i++)
        REQUIRE_SAYING(!entries[i], "the new table, frame %ld, is not empty", pfn);
    frames[pfn].level = (uint8_t)level;
    frames[pfn].base = va;
    frames[pfn].stale = 0;
    return level == 1 ? set_all(entries, va, true) : 0;
}

/* A table that nothing leads to is an ordinary frame, and its entries are just numbers. */
static int remove_table(pte_t was) {
    long pfn = frames_find(entry_mfn(was));
    const uint64_t *entries = machine_frame((pfn_t)pfn);

    for (unsigned i = 0; i < PT_ENTRIES && frames[pfn].level > 1; i++)
        REQUIRE_SAYING(!entries[i], "entry %u of the table in frame %ld is lost", i, pfn);
    if (frames[pfn].level == 1)
        set_all(entries, frames[pfn].base, false);
    frames[pfn].level = 0;
    frames[pfn].stale = frames_now;
    return 0;
}

static int set_entry(struct frame *table, unsigned index, pte_t was, pte_t now) {
    unsigned long va = table->base + index * span(table->level);

    if (table->level == 1)
        return set_page(va, was, now);
    if (!(was & PTE_PRESENT))
        return now & PTE_PRESENT ? add_table(table->level - 1u, va, now) : 0;
    if (!(now & PTE_PRESENT))
        return now ? -EOPNOTSUPP : remove_table(was);
    return (was ^ now) & PTE_FRAME ? -EOPNOTSUPP : 0;
}

static int update(uint64_t machine, pte_t value) {
    long pfn = frames_find(machine >> PAGE_SHIFT);

    if (machine & (sizeof(pte_t) - 1) || pfn == FRAMES_NONE || !frames[pfn].level)
        return -EINVAL;
    REQUIRE(is_safe(value));
    uint64_t *entries = machine_frame((pfn_t)pfn);
    unsigned index = (machine & (PAGE_SIZE - 1)) / sizeof *entries;
    int error = set_entry(&frames[pfn], index, entries[index], value);
    if (!error)
        entries[index] = value;
    return error;
}

/* With the flush of that address on all processors, or with none. */
static int update_page(unsigned long va, pte_t value, unsigned long flags) {
    const pte_t *entry = pt_find(va, 1);

    if (!entry)
        return -EINVAL;
    long pfn = *entry & PTE_PRESENT ? frames_find(entry_mfn(*entry)) : FRAMES_NONE;
    bool was_stale = pfn != FRAMES_NONE && frames[pfn].stale >= frames_now;
    int error = update(pt_machine_address(entry), value);
    REQUIRE(!flags || flags == (UVMF_INVLPG | UVMF_ALL));
    if (!error && flags && pfn != FRAMES_NONE && !was_stale)
        frames[pfn].stale = 0;
    return error;
}

long hypercall(unsigned long a1, unsigned long a2, unsigned long a3, unsigned long a4,
               unsigned long a5, unsigned long number) {
    const struct mmu_update *updates = (const struct mmu_update *)a1;
    const struct mmuext_op *op = (const struct mmuext_op *)a1;

    if (number == __HYPERVISOR_update_va_mapping) {
        REQUIRE(!a4 && !a5);
        return update_page(a1, a2, a3);
    }
    REQUIRE(!a3 && a4 == DOMID_SELF && !a5);
    if (number == __HYPERVISOR_mmuext_op) {
        REQUIRE(a2 == 1 && op->cmd == MMUEXT_TLB_FLUSH_ALL);
        frames_now++;
        return 0;
    }
    REQUIRE_SAYING(number == __HYPERVISOR_mmu_update, "hypercall %lu", number);
    for (unsigned i = 0; i < a2; i++) {
        int error = update(updates[i].ptr, updates[i].val);
        if (error)
            return error;
    }
    return 0;
}
