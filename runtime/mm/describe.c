/* SPDX-License-Identifier: MIT */
/* What is where in the address space, for those who ask (/proc/self/maps). */
#include "mm/internal.h"

static enum space_kind kind_of(const struct area *a, unsigned long heap_end) {
    const struct space_early *stack = &space_early[SPACE_STACK];

    if (a->flags & AREA_OWN)
        return SPACE_OF_RUNTIME;
    if (a->flags & (AREA_DATA | AREA_TEXT | AREA_CONSTANTS))
        return SPACE_OF_IMAGE;
    if (a->start >= SPACE_START && a->start < heap_end)
        return SPACE_OF_HEAP;
    return a->start >= stack->start && a->start < stack->end ? SPACE_OF_STACK
                                                             : SPACE_OF_MAPPING;
}

bool space_describe(unsigned long from, struct space_range *range) {
    unsigned long heap_end = space_set_break(0);

    space_enter();
    const struct area *a = area_find(from);
    if (a) {
        *range = (struct space_range){.start = a->start,
                                      .end = a->end,
                                      .prot = a->prot,
                                      .kind = (uint8_t)kind_of(a, heap_end),
                                      .is_shared = a->flags & AREA_SHARED,
                                      .is_locked = a->flags & AREA_LOCKED};
        if (a->object) {
            a->object->ops->ref(a->object);
            range->object = a->object;
            range->first = area_page_number(a, a->start);
        }
    }
    space_leave();
    return a;
}

size_t space_promised(void) {
    space_enter();
    size_t pages = space_owed;
    space_leave();
    return pages;
}
