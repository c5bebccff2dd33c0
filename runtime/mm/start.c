/* SPDX-License-Identifier: MIT */
/*
 * As much of the address space as every program has: a stack, perhaps thread-local
 * variables, and the answer to a fault. All else is linked and set up by the first call
 * that needs it.
 */
#include <signal.h>

#include "mm/backing.h"
#include "mm/internal.h"
#include "pv/pagetable.h"
#include "pv/trap.h"
#include <sys/mman.h>

enum { DISTANCE = 1 << 20 /* of the first from the end of the space */ };

struct lock mm_lock = LOCK_INIT(LOCK_SPACE);
struct space_early space_early[SPACE_EARLY];
int (*space_fault_handler)(unsigned long address, unsigned error, int *code);

void space_init(unsigned long stack_start, unsigned long stack_end) {
    space_early[SPACE_STACK] = (struct space_early){stack_start, stack_end};
}

unsigned long space_make_early(enum space_early_kind kind, size_t size) {
    /* Each has 512 GiB of the end to itself. */
    unsigned long end = SPACE_END - DISTANCE - kind * pt_span(PT_LEVELS);
    unsigned long start = end - ROUND_UP(size, PAGE_SIZE);
    size_t count = 0;

    if (space_fault_handler || space_early[kind].end || size > pt_span(PT_LEVELS) / 2)
        return 0;
    lock_take(&mm_lock);
    int error = backing_fill(start, end, PROT_READ | PROT_WRITE, &count);
    lock_drop(&mm_lock);
    space_early[kind] = (struct space_early){start, end};
    return error ? 0 : end;
}

int space_fault(unsigned long address, unsigned error, int *code) {
    if (space_fault_handler)
        return space_fault_handler(address, error, code);
    *code = error & FAULT_PRESENT ? SEGV_ACCERR : SEGV_MAPERR;
    return SIGSEGV;
}
