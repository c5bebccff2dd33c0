/* SPDX-License-Identifier: MIT */
/*
 * mmap, munmap and brk over areas (which ranges are in use) and backing (their memory).
 * Invariants: pages outside of all areas have no memory of the program's; every page's
 * entry allows what its area allows, or is empty; space_owed is the number of pages of
 * charged areas that have no memory.
 */
#include "mm/space.h"

#define _GNU_SOURCE
#include <errno.h>
#include <sys/mman.h>

#include "mm/backing.h"
#include "mm/internal.h"
#include "mm/page.h"
#include "pv/pagetable.h"

enum {
    HEAP_LIMIT_SHIFT = 38, /* the heap has the range's beginning, mappings the rest */
    LOWEST = 0x10000,      /* nothing is placed below, so that null pointers show */
    FEW = 32,              /* pages: see space_is_tight */
    FOR_TABLES = 8,        /* pages, that owed ones may take besides */
};
#define HEAP_END (SPACE_START + (1ul << HEAP_LIMIT_SHIFT))

const struct space_objects *space_objects;
bool (*space_relieve)(void);
bool (*space_wait_for_memory)(void);
long (*space_share)(unsigned long hint, size_t size, int prot, int flags);
size_t space_owed;
enum space_lock space_locking;

static size_t heap_size;

static void list_one(unsigned long start, unsigned long end, unsigned prot,
                     unsigned flags) {
    if (start < end)
        area_add(start, end, prot, flags); /* there are records at the start */
}

/* Not at the start, where each instruction counts: some programs never get here. */
static void list_image(void) {
    const unsigned data = PROT_READ | PROT_WRITE;
    unsigned long text = (unsigned long)atman_text_start;
    unsigned long text_end = ROUND_UP((unsigned long)atman_text_end, PAGE_SIZE);
    unsigned long image = (unsigned long)atman_image_start;
    unsigned long rodata = ROUND_DOWN((unsigned long)atman_rodata_start, PAGE_SIZE);
    unsigned long rodata_end = ROUND_UP((unsigned long)atman_rodata_end, PAGE_SIZE);
    unsigned long own = (unsigned long)atman_own_start;
    unsigned long own_end = (unsigned long)atman_own_end;
    unsigned long image_end = (unsigned long)atman_image_end;
    unsigned long direct_end = ROUND_UP((unsigned long)pt_direct(page_limit()), pt_span(2));

    list_one(text, text_end, PROT_READ | PROT_EXEC, AREA_TEXT);
    list_one(image, rodata, PROT_READ, AREA_OWN);
    list_one(rodata, rodata_end, PROT_READ, AREA_CONSTANTS);
    list_one(rodata_end, own, data, AREA_DATA);
    list_one(own, own_end, data, AREA_OWN);
    list_one(own_end, image_end, data, 0);
    list_one(image_end, direct_end, data, AREA_OWN);
    for (unsigned i = 0; i < SPACE_EARLY; i++)
        list_one(space_early[i].start, space_early[i].end, data, 0);
    list_one(FRAME_LIST, FRAME_LIST + pt_span(PT_LEVELS), PROT_READ, AREA_OWN);
}

void space_enter(void) {
    lock_take(&mm_lock);
    if (!space_fault_handler) {
        space_fault_handler = space_resolve;
        list_image();
    }
}

void space_leave(void) {
    if (area_idle)
        space_objects->leave();
    else
        lock_drop(&mm_lock);
}

bool space_is_placeable(unsigned long start, size_t size) {
    return !(start & (PAGE_SIZE - 1)) && size && start >= LOWEST && start < SPACE_END &&
           size <= SPACE_END - start;
}

bool space_has_room(size_t pages, size_t owed) {
    pages += owed + (owed ? FOR_TABLES : 0);
    while (pages > page_count_free())
        if (!backing_make_room())
            return false;
    return true;
}

size_t space_count_free(void) {
    space_enter();
    backing_sweep();
    size_t count = page_count_free();
    space_leave();
    return count;
}

size_t space_spare(void) {
    size_t kept = space_owed + FEW;

    if (page_count_free() <= kept)
        backing_make_room();
    return page_count_free() > kept ? page_count_free() - kept : 0;
}

bool space_is_tight(size_t pages) {
    return page_count_free() < space_owed + pages + FEW;
}

int space_fill(const struct area *area, unsigned long start, unsigned long end) {
    size_t count = 0;

    if (area->object)
        return space_objects->fill(area, start, end, area_takes_memory(area, area->prot));
    int error = backing_fill(start, end, area->prot, &count);

    while (error && backing_make_room())
        error = backing_fill(start, end, area->prot, &count);
    if (area->flags & AREA_CHARGED)
        space_owed -= count;
    return error;
}

void space_empty(const struct area *area, unsigned long start, unsigned long end) {
    size_t count = backing_drop(start, end, start, end);

    if (area->flags & AREA_CHARGED)
        space_owed += count;
}

/* What belonged to an area with those flags is in none any more. */
static void drop(unsigned long start, unsigned long end, unsigned flags) {
    const struct area *next = area_find(start);
    size_t count =
        backing_drop(start, end, area_gap_start(start), next ? next->start : SPACE_END);

    if (flags & AREA_CHARGED)
        space_owed -= (end - start) / PAGE_SIZE - count;
}

long space_clear(unsigned long start, unsigned long end) {
    const struct area *a = area_find(start);

    for (; a && a->start < end; a = area_next(a))
        if (a->flags & AREA_NEEDED)
            return -EACCES;
    while ((a = area_find(start)) && a->start < end) {
        unsigned long from = a->start > start ? a->start : start, to = MIN(a->end, end);
        unsigned flags = a->flags;
        int error = area_remove(from, to); /* only the first can fail, which cuts */
        if (error)
            return error;
        drop(from, to, flags);
        start = to;
    }
    return 0;
}

long space_add(unsigned long start, size_t size, const struct area *like) {
    int error = area_add_like(start, start + size, like);

    if (error)
        return error;
    if (!(like->flags & AREA_CHARGED))
        return 0;
    space_owed += size / PAGE_SIZE;
    if (!space_is_tight(0))
        return 0;
    error = space_fill(area_find(start), start, start + size);
    if (error != -ENOMEM) /* beyond an object's end there is nothing to be had */
        return 0;
    space_clear(start, start + size);
    return error;
}

unsigned long space_choose(unsigned long hint, size_t size, int flags) {
    hint = ROUND_DOWN(hint, PAGE_SIZE);
    if (hint && space_is_placeable(hint, size) &&
        area_find_gap(size, hint, hint + size) == hint)
        return hint;
    if (flags & MAP_32BIT)
        return area_find_gap(size, space_early[SPACE_STACK].end, 1ul << 31);
    return area_find_gap(size, HEAP_END, SPACE_END);
}

static long map_at(unsigned long start, size_t size, int flags) {
    if (start & (PAGE_SIZE - 1))
        return -EINVAL;
    if (!space_is_placeable(start, size))
        return -ENOMEM;
    const struct area *a = area_find(start);
    bool used = a && a->start < start + size;
    if (used && flags & MAP_FIXED_NOREPLACE)
        return -EEXIST;
    return used ? space_clear(start, start + size) : 0;
}

/* The kind of mapping that is asked for, as flags of an area. */
static unsigned kind_of(int flags) {
    return space_lock_flags(flags & MAP_LOCKED ? SPACE_LOCKED : space_locking) |
           (flags & MAP_SHARED ? AREA_SHARED : 0) |
           (flags & SPACE_READ_ONLY ? AREA_READ_ONLY : 0);
}

long space_place(unsigned long start, size_t size, int prot, int flags,
                 struct object *object, unsigned long first) {
    struct area like = {
        .object = object, .prot = (uint8_t)prot, .flags = (uint16_t)kind_of(flags)};
    long error = -ENOMEM;

    if (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE))
        error = map_at(start, size, flags);
    else if ((start = space_choose(start, size, flags)))
        error = 0;
    if (error)
        return error;
    if (area_takes_memory(&like, like.prot) && !(flags & MAP_NORESERVE)) {
        if (!(flags & MAP_STACK))
            like.flags |= AREA_CHARGED;
        if (!space_has_room(size / PAGE_SIZE, like.flags & AREA_CHARGED ? space_owed : 0))
            return -ENOMEM;
    }
    if (object)
        like.origin = start - first * PAGE_SIZE;
    error = space_add(start, size, &like);
    return error ? error : (long)start;
}

long space_map(unsigned long hint, size_t size, int prot, int flags) {
    if (!size)
        return -EINVAL;
    size = space_to_pages(size);
    if (!size)
        return -ENOMEM;
    space_enter();
    long result = space_place(hint, size, prot, flags, NULL, 0);
    space_leave();
    return result;
}

long space_map_anonymous(unsigned long hint, size_t size, int prot, int flags) {
    return flags & MAP_SHARED && space_share ? space_share(hint, size, prot, flags)
                                             : space_map(hint, size, prot, flags);
}

long space_unmap(unsigned long start, size_t size) {
    size = space_to_pages(size);
    if (start & (PAGE_SIZE - 1) || !size || start >= SPACE_END || size > SPACE_END - start)
        return -EINVAL;
    space_enter();
    long result = space_clear(start, start + size);
    space_leave();
    return result;
}

static bool move_break(unsigned long from, unsigned long to) {
    const struct area like = {
        .prot = PROT_READ | PROT_WRITE,
        .flags = (uint16_t)(AREA_CHARGED | space_lock_flags(space_locking))};

    if (to < from)
        return !space_clear(to, from);
    return to == from || (space_has_room((to - from) / PAGE_SIZE, space_owed) &&
                          area_find_gap(to - from, from, to) == from &&
                          !space_add(from, to - from, &like));
}

unsigned long space_set_break(unsigned long end) {
    space_enter();
    unsigned long have = ROUND_UP(SPACE_START + heap_size, PAGE_SIZE);
    if (end >= SPACE_START && end <= HEAP_END && move_break(have, ROUND_UP(end, PAGE_SIZE)))
        heap_size = end - SPACE_START;
    unsigned long now = SPACE_START + heap_size;
    space_leave();
    return now;
}
