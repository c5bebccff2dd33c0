/* SPDX-License-Identifier: MIT */
/*
 * mmap and its family over areas (which ranges are in use) and backing (their memory).
 * Invariant: the pages of an area that may be accessed have frames, and pages outside of
 * all areas have none.
 */
#include "mm/space.h"

#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <sys/mman.h>

#include "base/string.h"
#include "mm/area.h"
#include "mm/backing.h"
#include "mm/page.h"
#include "pv/pagetable.h"

/* The heap has the range's beginning, mappings the rest. */
enum { HEAP_LIMIT_SHIFT = 38 };
#define HEAP_END (SPACE_START + (1ul << HEAP_LIMIT_SHIFT))

static unsigned long heap_break = SPACE_START;

static bool is_range(unsigned long start, size_t size) {
    return !(start & (PAGE_SIZE - 1)) && size && start >= SPACE_START &&
           start < SPACE_END && size <= SPACE_END - start;
}

/* A size in whole pages, or 0 if it is 0 or no range could be that large. */
static size_t to_pages(size_t size) {
    return size > SPACE_END ? 0 : ROUND_UP(size, PAGE_SIZE);
}

/* Cheap and early: a request that cannot be met is not begun. */
static bool is_affordable(size_t size, int prot) {
    return !prot || size / PAGE_SIZE <= page_count_free();
}

/* Gives page tables back that no area needs any more, the lowest level first. */
static void release_tables(unsigned long start, unsigned long end) {
    for (unsigned level = 2; level <= PT_LEVELS; level++) {
        unsigned long size = pt_span(level);
        unsigned long va = ROUND_DOWN(start, size);
        while (va < end) {
            struct area *a = area_find(va);
            if (!pt_find(va, level)) {
                va = pt_skip(va);
                continue;
            }
            if (!a || a->start >= va + size)
                pt_release(va, level);
            va += size;
        }
    }
}

static void remove(unsigned long start, unsigned long end) {
    area_remove(start, end);
    backing_drop(start, end);
    release_tables(start, end);
}

static unsigned long choose(unsigned long hint, size_t size) {
    hint = ROUND_DOWN(hint, PAGE_SIZE);
    if (is_range(hint, size) && hint >= HEAP_END &&
        area_find_gap(size, hint, hint + size) == hint)
        return hint;
    return area_find_gap(size, HEAP_END, SPACE_END);
}

/* Memory for a range that is an area by now. */
static int fill(unsigned long start, unsigned long end, int prot) {
    int error = prot ? backing_fill(start, end) : 0;

    if (!error && prot != (PROT_READ | PROT_WRITE))
        backing_protect(start, end, prot);
    return error;
}

static long add(unsigned long start, size_t size, int prot) {
    int error = area_add(start, start + size, prot);

    if (error)
        return error;
    error = fill(start, start + size, prot);
    if (error && !area_split(start, start + size))
        remove(start, start + size);
    return error;
}

long space_map(unsigned long hint, size_t size, int prot, int flags) {
    unsigned long start;

    if (!size)
        return -EINVAL;
    size = to_pages(size);
    if (!size)
        return -ENOMEM;
    if (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) {
        start = hint;
        if (start & (PAGE_SIZE - 1))
            return -EINVAL;
        if (!is_range(start, size))
            return -ENOMEM;
        if (area_find_gap(size, start, start + size) != start) {
            if (flags & MAP_FIXED_NOREPLACE)
                return -EEXIST;
            long error = space_unmap(start, size);
            if (error)
                return error;
        }
    } else {
        start = choose(hint, size);
    }
    if (!start || !is_affordable(size, prot))
        return -ENOMEM;
    long error = add(start, size, prot);
    return error ? error : (long)start;
}

long space_unmap(unsigned long start, size_t size) {
    size = to_pages(size);
    /* Below the image nothing is ever mapped, and to unmap nothing is no error. */
    if (size && !(start & (PAGE_SIZE - 1)) && start < (unsigned long)atman_text_start &&
        size <= (unsigned long)atman_text_start - start)
        return 0;
    if (!is_range(start, size))
        return -EINVAL;
    int error = area_split(start, start + size);
    if (!error)
        remove(start, start + size);
    return error;
}

long space_check(unsigned long start, size_t size) {
    unsigned long end = start + to_pages(size);

    if (size && !is_range(start, to_pages(size)))
        return -ENOMEM;
    while (start < end) {
        struct area *a = area_find(start);
        if (!a || a->start > start)
            return -ENOMEM;
        start = a->end;
    }
    return 0;
}

/* Constants and data are not areas: they are there from the start and never go away. */
static bool is_image_data(unsigned long start, size_t size) {
    return start >= ROUND_DOWN((unsigned long)atman_rodata_start, PAGE_SIZE) &&
           start < (unsigned long)atman_image_end &&
           size <= (unsigned long)atman_image_end - start;
}

/* The runtime's own pages stay as they are, whatever is asked for around them. */
static void protect_image_data(unsigned long start, unsigned long end, int prot) {
    unsigned long own = (unsigned long)atman_own_start,
                  own_end = (unsigned long)atman_own_end;

    if (start < own)
        backing_protect(start, MIN(end, own), prot);
    if (end > own_end)
        backing_protect(start > own_end ? start : own_end, end, prot);
}

long space_protect(unsigned long start, size_t size, int prot) {
    if (start & (PAGE_SIZE - 1) || prot & ~(PROT_READ | PROT_WRITE | PROT_EXEC))
        return -EINVAL;
    if (!size)
        return 0;
    size = to_pages(size);
    if (!size)
        return -ENOMEM;
    if (is_image_data(start, size)) {
        protect_image_data(start, start + size, prot);
        return 0;
    }
    if (!is_range(start, size) || space_check(start, size))
        return -ENOMEM;
    if (prot && backing_count_missing(start, start + size) > page_count_free())
        return -ENOMEM;
    int error = area_split(start, start + size);
    if (!error && prot)
        error = backing_fill(start, start + size);
    /* After a failure the pages have the rights back that their areas had. */
    for (struct area *a = area_find(start); a && a->start < start + size; a = a->next) {
        if (!error)
            a->prot = prot;
        backing_protect(a->start, a->end, a->prot);
    }
    area_join(start, start + size);
    return error;
}

/* Zeros where there is memory: written if that is allowed, by new frames if not. */
static int discard(unsigned long start, unsigned long end, int prot) {
    if (prot & PROT_WRITE) {
        memset((void *)start, 0, end - start);
        return 0;
    }
    backing_drop(start, end);
    return fill(start, end, prot);
}

long space_discard(unsigned long start, size_t size) {
    if (start & (PAGE_SIZE - 1) || (size && !to_pages(size)))
        return -EINVAL;
    if (space_check(start, size))
        return -ENOMEM;
    unsigned long end = start + to_pages(size);
    while (start < end) {
        struct area *a = area_find(start);
        int error = discard(start, MIN(a->end, end), a->prot);
        if (error)
            return error;
        start = a->end;
    }
    return 0;
}

static long move(unsigned long old, size_t old_size, size_t new_size, int prot, int flags,
                 unsigned long new) {
    size_t kept = MIN(old_size, new_size);

    if (flags & MREMAP_FIXED) {
        if (!is_range(new, new_size) || (new < old + old_size &&old < new + new_size))
            return -EINVAL;
        long error = space_unmap(new, new_size);
        if (error)
            return error;
    } else {
        new = area_find_gap(new_size, HEAP_END, SPACE_END);
    }
    if (!new || !is_affordable(new_size - kept, prot))
        return -ENOMEM;
    int error = area_add(new, new + new_size, prot);
    if (error)
        return error;
    error = backing_move(old, new, kept, prot);
    if (!error) {
        error = fill(new + kept, new + new_size, prot);
        if (error)
            backing_move(new, old, kept, prot); /* its tables are still there */
    }
    if (error) {
        if (!area_split(new, new + new_size))
            remove(new, new + new_size);
        return error;
    }
    space_unmap(old, old_size);
    return (long)new;
}

long space_remap(unsigned long old, size_t old_size, size_t new_size, int flags,
                 unsigned long new) {
    if (new_size > SPACE_END || old_size > SPACE_END)
        return -ENOMEM;
    old_size = to_pages(old_size);
    new_size = to_pages(new_size);
    if (old & (PAGE_SIZE - 1) || !old_size || !new_size ||
        flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED) ||
        (flags & MREMAP_FIXED && !(flags & MREMAP_MAYMOVE)))
        return -EINVAL;
    struct area *a = area_find(old);
    if (!is_range(old, old_size) || !a || a->start > old || a->end < old + old_size)
        return -EFAULT;
    int prot = a->prot;
    if (!(flags & MREMAP_FIXED)) {
        if (new_size <= old_size) {
            long error =
                new_size < old_size ? space_unmap(old + new_size, old_size - new_size) : 0;
            return error ? error : (long)old;
        }
        size_t more = new_size - old_size;
        if (is_range(old, new_size) && is_affordable(more, prot) &&
            area_find_gap(more, old + old_size, old + new_size) == old + old_size &&
            !add(old + old_size, more, prot))
            return (long)old;
        if (!(flags & MREMAP_MAYMOVE))
            return -ENOMEM;
    }
    int error = area_split(old, old + old_size);
    if (error)
        return error;
    long result = move(old, old_size, new_size, prot, flags, new);
    if (result < 0)
        area_join(old, old + old_size);
    return result;
}

int space_fault(unsigned long address, unsigned error, int *code) {
    (void)address;
    *code = error & 1 ? SEGV_ACCERR : SEGV_MAPERR;
    return SIGSEGV;
}

unsigned long space_set_break(unsigned long end) {
    unsigned long have = ROUND_UP(heap_break, PAGE_SIZE), want = ROUND_UP(end, PAGE_SIZE);
    int prot = PROT_READ | PROT_WRITE;

    if (end < SPACE_START || end > HEAP_END)
        return heap_break;
    if (want > have &&
        (!is_affordable(want - have, prot) ||
         area_find_gap(want - have, have, want) != have || add(have, want - have, prot)))
        return heap_break;
    if (want < have && space_unmap(want, have - want))
        return heap_break;
    return heap_break = end;
}
