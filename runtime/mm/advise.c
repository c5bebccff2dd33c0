/* SPDX-License-Identifier: MIT */
/* What can be said and asked about mapped memory: madvise, mlock, mincore. */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/mman.h>

#include "mm/backing.h"
#include "mm/internal.h"
#include "pv/pagetable.h"

unsigned long space_find_hole(unsigned long start, unsigned long end) {
    for (const struct area *a = area_find(start); a && a->start <= start && start < end;
         a = area_next(a))
        start = a->end;
    return MIN(start, end);
}

static bool is_mapped(unsigned long start, unsigned long end) {
    return space_find_hole(start, end) == end;
}

/* The end of a range that begins at a page, or 0 if there cannot be such a one. */
static unsigned long find_end(unsigned long start, size_t size) {
    size_t pages = space_to_pages(size);

    return start < SPACE_END && size <= SPACE_END - start ? start + pages : 0;
}

long space_check(unsigned long start, size_t size) {
    unsigned long end = find_end(start, size);

    if (!size)
        return 0;
    space_enter();
    long result = end && is_mapped(start, end) ? 0 : -ENOMEM;
    space_leave();
    return result;
}

/* Linux goes on behind a hole, and then says that there was one. */
static long discard(unsigned long start, unsigned long end) {
    const struct area *a = area_find(start);
    long result = is_mapped(start, end) ? 0 : -ENOMEM;

    for (; a && a->start < end; a = area_next(a)) {
        if (a->flags & AREA_LOCKED)
            return -EINVAL;
        if (!(a->flags & (AREA_DATA | AREA_NEEDED)))
            space_empty(a, a->start > start ? a->start : start, MIN(a->end, end));
    }
    return result;
}

long space_discard(unsigned long start, size_t size) {
    unsigned long end = find_end(start, size);

    if (!size)
        return 0;
    space_enter();
    long result = end ? discard(start, end) : -ENOMEM;
    space_leave();
    return result;
}

/* The pages from start on that one table maps, or up to end; where it stopped in *start. */
static long populate_some(unsigned long *start, unsigned long end,
                          enum space_access access) {
    const struct area *a = area_find(*start);

    if (!a || a->start > *start)
        return -ENOMEM;
    if (access == SPACE_WRITE ? !(a->prot & PROT_WRITE) : access && !a->prot)
        return -EINVAL;
    unsigned long to = MIN(MIN(a->end, end), ROUND_DOWN(*start, pt_span(2)) + pt_span(2));
    long error = a->prot && !(a->flags & AREA_NEEDED) ? space_fill(a, *start, to) : 0;
    *start = to;
    return error;
}

/* Others have their turn between two tables. */
long space_populate(unsigned long start, size_t size, enum space_access access) {
    unsigned long end = find_end(start, size);
    long error = size && !end ? -ENOMEM : 0;

    while (start < end && !error) {
        space_enter();
        error = populate_some(&start, end, access);
        space_leave();
    }
    return error;
}

/* The range's borders must be areas' borders. */
static void set_locked(unsigned long start, unsigned long end, bool locked) {
    for (struct area *a = area_find(start); a && a->start < end; a = area_next(a)) {
        if (a->flags & AREA_NEEDED)
            continue;
        if (locked)
            a->flags |= AREA_LOCKED;
        else
            a->flags &= (uint8_t)~AREA_LOCKED;
    }
    area_join(start, end);
}

long space_set_locked(unsigned long start, size_t size, bool locked) {
    unsigned long end = find_end(start, size);
    long error = -ENOMEM;

    if (!size)
        return 0;
    space_enter();
    if (end && is_mapped(start, end))
        error = area_split(start, end);
    if (!error)
        set_locked(start, end, locked);
    space_leave();
    return error;
}

void space_lock_all(bool current, bool future) {
    space_enter();
    space_is_locking = future;
    if (current || !future)
        set_locked(0, SPACE_END, current);
    space_leave();
}

long space_residency(unsigned long start, size_t count, uint8_t *resident) {
    long done = 0;

    space_enter();
    const struct area *a = area_find(start);
    if (!a || a->start > start)
        done = -ENOMEM;
    for (; done >= 0 && (size_t)done < count && start < a->end; start += PAGE_SIZE)
        resident[done++] = pt_get(start) != 0;
    space_leave();
    return done;
}
