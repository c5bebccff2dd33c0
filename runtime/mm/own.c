/* SPDX-License-Identifier: MIT */
/*
 * Stacks of the runtime's own, among the program's mappings, where they may be anywhere.
 * Invariant: each is an area, and so is the page below it, unlike it; so neither is joined
 * to another, and both can be removed whatever there is no memory for.
 */
#include "mm/area.h"
#include "mm/backing.h"
#include "mm/internal.h"
#include <sys/mman.h>

static void release(unsigned long guard, unsigned long end) {
    area_remove(guard, end);
    const struct area *next = area_find(guard);
    backing_drop(guard, end, area_gap_start(guard), next ? next->start : SPACE_END);
}

static bool add(unsigned long guard, unsigned long start, unsigned long end) {
    if (area_add(guard, start, PROT_NONE, AREA_OWN))
        return false;
    if (!area_add(start, end, PROT_READ | PROT_WRITE, AREA_OWN) &&
        !space_fill(area_find(start), start, end))
        return true;
    release(guard, end);
    return false;
}

unsigned long space_make_own_stack(size_t size) {
    space_enter();
    unsigned long guard = space_choose(0, PAGE_SIZE + size, 0);
    unsigned long start = guard + PAGE_SIZE;
    bool good = guard && space_has_room(size / PAGE_SIZE, space_owed) &&
                add(guard, start, start + size);
    space_leave();
    return good ? start : 0;
}

void space_free_own_stack(unsigned long start, size_t size) {
    space_enter();
    release(start - PAGE_SIZE, start + size);
    space_leave();
}
