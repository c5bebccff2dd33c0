/* SPDX-License-Identifier: MIT */
/* mprotect. */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/mman.h>

#include "mm/backing.h"
#include "mm/internal.h"

/* The runtime needs rights that prot lacks, or nobody may have some of them. */
static bool is_refused(const struct area *a, unsigned prot) {
    unsigned needed = a->flags & AREA_TEXT        ? PROT_READ | PROT_EXEC
                      : a->flags & AREA_CONSTANTS ? PROT_READ
                                                  : 0;

    return needed & ~prot || (a->flags & AREA_READ_ONLY && prot & PROT_WRITE);
}

/* A reservation becomes memory that nobody promised. */
static bool is_unpaid(const struct area *a, unsigned prot) {
    return area_takes_memory(a, prot) && !area_takes_memory(a, a->prot) &&
           !(a->flags & AREA_CHARGED);
}

/* Whether it can be done; how many pages more may be touched afterwards. */
static long check(unsigned long start, unsigned long end, unsigned prot, size_t *missing) {
    bool any = false;

    for (const struct area *a = area_find(start); a && a->start < end; a = area_next(a)) {
        if (is_refused(a, prot))
            return -EACCES;
        any = any || !(a->flags & AREA_OWN);
        if (is_unpaid(a, prot))
            *missing += backing_count_missing(a->start > start ? a->start : start,
                                              MIN(a->end, end));
    }
    return !any ? -EACCES : *missing && !space_has_room(*missing, 0) ? -ENOMEM : 0;
}

/* It has its old protection still, which says nothing about what will be written to. */
static long fill_unpaid(const struct area *a) {
    if (!a->object)
        return space_fill(a, a->start, a->end);
    long error = space_objects->fill(a, a->start, a->end, true);
    return error == -ENOMEM ? error : 0;
}

/* The runtime's own pages stay as they are, whatever is asked for around them. */
static long change(unsigned long start, unsigned long end, unsigned prot, bool fill) {
    long error = area_split(start, end);

    for (struct area *a = area_find(start); a && a->start < end && !error; a = area_next(a))
        if (fill && is_unpaid(a, prot))
            error = fill_unpaid(a);
    for (struct area *a = area_find(start); a && a->start < end && !error;
         a = area_next(a)) {
        if (a->flags & AREA_OWN || a->prot == prot)
            continue;
        a->prot = (uint8_t)prot;
        backing_protect(a->start, a->end, prot);
    }
    area_join(start, end);
    return error;
}

/* Linux changes what is before a hole, and then says that there is one. */
static long protect(unsigned long start, unsigned long end, unsigned prot) {
    unsigned long hole = space_find_hole(start, end);
    size_t missing = 0;
    long error = hole > start ? check(start, hole, prot, &missing) : -ENOMEM;

    if (!error)
        error = change(start, hole, prot, missing && space_is_tight(missing));
    return error ? error : hole < end ? -ENOMEM : 0;
}

long space_protect(unsigned long start, size_t size, int prot) {
    if (start & (PAGE_SIZE - 1))
        return -EINVAL;
    if (!size)
        return 0;
    if (start + ROUND_UP(size, PAGE_SIZE) <= start)
        return -ENOMEM;
    if (prot & ~(PROT_READ | PROT_WRITE | PROT_EXEC))
        return -EINVAL;
    size = space_to_pages(size);
    if (!size || start >= SPACE_END || size > SPACE_END - start)
        return -ENOMEM;
    space_enter();
    long result = protect(start, start + size, (unsigned)prot);
    space_leave();
    return result;
}
