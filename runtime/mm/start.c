/* SPDX-License-Identifier: MIT */
/*
 * As much of the address space as every program has: a stack, perhaps thread-local
 * variables, and the answer to a fault. All else is linked and set up by the first call
 * that needs it.
 */
#include <signal.h>

#include "mm/backing.h"
#include "mm/internal.h"
#include "mm/page.h"
#include "pv/pagetable.h"
#include "pv/trap.h"
#include <sys/mman.h>

enum {
    DISTANCE = 1 << 20, /* of early mappings from the end of the space */
    GROW = 16,          /* pages of the stack that come together */
};

struct lock mm_lock = LOCK_INIT(LOCK_SPACE);
struct space_early space_early[SPACE_EARLY];
int (*space_fault_handler)(unsigned long address, unsigned error, int *code);

static const unsigned data = PROT_READ | PROT_WRITE;

/* Behind the direct map, with a gap between: mostly, one table has to be made for it. */
unsigned long space_make_stack(size_t size, pfn_t first, size_t count) {
    unsigned long direct_end = ROUND_UP((unsigned long)pt_direct(page_limit()), pt_span(2));
    unsigned long end = ROUND_UP(direct_end + pt_span(2) + size, pt_span(2));
    int error = 0;

    if (size > pt_span(PT_LEVELS))
        return 0;
    space_early[SPACE_STACK] = (struct space_early){end - size, end};
    lock_take(&mm_lock);
    for (size_t i = 1; i <= count && !error; i++)
        error = pt_set(end - i * PAGE_SIZE, pt_entry(first + count - i, PTE_READ_WRITE));
    pt_commit();
    lock_drop(&mm_lock);
    return error ? 0 : end;
}

static bool fill(unsigned long start, unsigned long end) {
    size_t count = 0;

    lock_take(&mm_lock);
    bool good = !backing_fill(start, end, data, &count);
    lock_drop(&mm_lock);
    return good;
}

unsigned long space_make_early(enum space_early_kind kind, size_t size) {
    /* Each has 512 GiB of the end to itself. */
    unsigned long end = SPACE_END - DISTANCE - kind * pt_span(PT_LEVELS);
    unsigned long start = end - ROUND_UP(size, PAGE_SIZE);

    if (space_fault_handler || space_early[kind].end || size > pt_span(PT_LEVELS) / 2 ||
        !fill(start, end))
        return 0;
    space_early[kind] = (struct space_early){start, end};
    return end;
}

/* Only the stack is not all there. */
static int resolve_early(unsigned long address, unsigned error, int *code) {
    const struct space_early *stack = &space_early[SPACE_STACK];
    unsigned long start = ROUND_DOWN(address, GROW * PAGE_SIZE);

    *code = error & FAULT_PRESENT ? SEGV_ACCERR : SEGV_MAPERR;
    if (address < stack->start || address >= stack->end || *code == SEGV_ACCERR)
        return SIGSEGV;
    if (fill(start > stack->start ? start : stack->start,
             MIN(start + GROW * PAGE_SIZE, stack->end)) ||
        pt_get(address))
        return error & FAULT_EXECUTE ? SIGSEGV : 0;
    *code = BUS_ADRERR;
    return SIGBUS;
}

int space_fault(unsigned long address, unsigned error, int *code) {
    if (space_fault_handler)
        return space_fault_handler(address, error, code);
    return resolve_early(address, error, code);
}
