/* SPDX-License-Identifier: MIT */
/* What can be said and asked about mapped memory: madvise, mlock, mincore. */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/mman.h>

#include "mm/backing.h"
#include "mm/internal.h"
#include "pv/access.h"
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

static long refuse(const struct area *a, unsigned refused) {
    bool shared = a->flags & AREA_SHARED;

    if ((refused & SPACE_NOT_LOCKED && a->flags & AREA_LOCKED) ||
        (refused & SPACE_NOT_SHARED && (shared || a->object)) ||
        (refused & SPACE_NOT_PRIVATE && !shared && !a->object))
        return -EINVAL;
    bool writable = shared && a->prot & PROT_WRITE;
    return refused & SPACE_NOT_PRIVATE && a->object && !writable ? -EACCES : 0;
}

/* Its contents stay where they are. */
static bool is_kept(const struct area *a, unsigned refused) {
    bool in_place = a->flags & AREA_SHARED && !a->object;

    return a->flags & (AREA_DATA | AREA_NEEDED) ||
           (in_place && !(refused & SPACE_NOT_PRIVATE));
}

/* Linux goes on behind a hole, and then says that there was one. */
static long look_at(unsigned long start, unsigned long end, unsigned refused,
                    bool discard) {
    const struct area *a = area_find(start);
    long result = is_mapped(start, end) ? 0 : -ENOMEM;

    for (; a && a->start < end; a = area_next(a)) {
        long error = refuse(a, refused);
        if (error)
            return error;
        if (discard && !is_kept(a, refused))
            space_empty(a, a->start > start ? a->start : start, MIN(a->end, end));
    }
    return result;
}

static long look(unsigned long start, size_t size, unsigned refused, bool discard) {
    unsigned long end = find_end(start, size);

    if (!size)
        return 0;
    space_enter();
    long result = end ? look_at(start, end, refused, discard) : -ENOMEM;
    space_leave();
    return result;
}

long space_check(unsigned long start, size_t size, unsigned refused) {
    return look(start, size, refused, false);
}

long space_discard(unsigned long start, size_t size, unsigned refused) {
    long result = look(start, size, refused, true);

    if (!result && refused & SPACE_NOT_PRIVATE && space_objects)
        result = space_objects->punch(start, find_end(start, size));
    return result;
}

void space_fetch(unsigned long start, size_t size) {
    if (space_objects)
        space_objects->fetch(start, start + size);
}

long space_sync(unsigned long start, size_t size) {
    return space_objects ? space_objects->sync(start, start + size) : 0;
}

/* The pages from start on that one table maps, or up to end; where it stopped in *start.
 * -EAGAIN: it has not, for a page is to be waited for. */
static long populate_some(unsigned long *start, unsigned long end,
                          enum space_access access) {
    const struct area *a = area_find(*start);

    if (!a || a->start > *start)
        return -ENOMEM;
    if (access == SPACE_WRITE ? !(a->prot & PROT_WRITE) : access && !a->prot)
        return -EINVAL;
    unsigned long to = MIN(MIN(a->end, end), ROUND_DOWN(*start, pt_span(2)) + pt_span(2));
    long error = 0;
    if (a->object && access && a->prot)
        error = space_objects->fill(a, *start, to, access == SPACE_WRITE);
    else if (a->prot && !(a->flags & AREA_NEEDED))
        error = space_fill(a, *start, to);
    if (error != -EAGAIN)
        *start = to;
    return error;
}

/* What is missing is asked for together, and then touched. If nothing is, too much is
 * dirty: so what may be written to is touched as for that, and stays what it is. */
static void wait_for(unsigned long start, unsigned long end) {
    uint8_t resident[64];
    uint32_t found;
    long count, i = 0;
    char byte;

    end = MIN(end, start + sizeof resident * PAGE_SIZE);
    space_fetch(start, end - start);
    count = space_residency(start, (end - start) / PAGE_SIZE, resident);
    while (i < count && resident[i])
        i++;
    if (i < count)
        user_read(&byte, (const void *)(start + (unsigned long)i * PAGE_SIZE), 1);
    for (; i == count && start < end; start += PAGE_SIZE)
        user_cas32((void *)start, 0, 0, &found);
}

/* Others have their turn between two tables. */
long space_populate(unsigned long start, size_t size, enum space_access access) {
    unsigned long end = find_end(start, size);
    long error = size && !end ? -ENOMEM : 0;

    while (start < end && !error) {
        space_enter();
        error = populate_some(&start, end, access);
        space_leave();
        if (error == -EAGAIN) {
            wait_for(start, end);
            error = 0;
        }
    }
    return error;
}

/* The range's borders must be areas' borders. */
static void set_locked(unsigned long start, unsigned long end, enum space_lock lock) {
    for (struct area *a = area_find(start); a && a->start < end; a = area_next(a)) {
        if (a->flags & AREA_NEEDED)
            continue;
        a->flags &= (uint16_t)~(AREA_LOCKED | AREA_LAZY);
        a->flags |= (uint16_t)space_lock_flags(lock);
    }
    area_join(start, end);
}

long space_set_locked(unsigned long start, size_t size, enum space_lock lock) {
    unsigned long end = find_end(start, size);
    long error = -ENOMEM;

    if (!size)
        return 0;
    space_enter();
    if (end && is_mapped(start, end))
        error = area_split(start, end);
    if (!error)
        set_locked(start, end, lock);
    space_leave();
    return error;
}

/* The next area from *start on that was promised memory: what of it one table maps. */
static void fill_promised(unsigned long *start) {
    const struct area *a = area_find(*start);

    while (a && (a->end <= *start || !(a->flags & AREA_CHARGED) || !a->prot))
        a = area_next(a);
    if (a && a->start > *start)
        *start = a->start;
    if (!a || populate_some(start, a->end, SPACE_ANY))
        *start = SPACE_END;
}

void space_lock_all(enum space_lock current, enum space_lock future) {
    unsigned long start = 0;

    space_enter();
    space_locking = future;
    if (current || !future)
        set_locked(0, SPACE_END, current);
    space_leave();
    while (current == SPACE_LOCKED && start < SPACE_END) {
        space_enter();
        fill_promised(&start);
        space_leave();
    }
}

long space_residency(unsigned long start, size_t count, uint8_t *resident) {
    long done = 0;

    space_enter();
    const struct area *a = area_find(start);
    if (!a || a->start > start)
        done = -ENOMEM;
    for (; done >= 0 && (size_t)done < count && start < a->end; start += PAGE_SIZE)
        resident[done++] =
            pt_get(start) || (a->object && space_objects->is_present(a, start));
    space_leave();
    return done;
}
