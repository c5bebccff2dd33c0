/* SPDX-License-Identifier: MIT */
/*
 * Which address ranges are in use, with what rights and for what: areas that do not
 * overlap, in a tree. Neighbours alike are one area. Everything here takes O(log n) steps,
 * or as many for each area of a range; mm_lock is held.
 */
#ifndef ATMAN_MM_AREA_H
#define ATMAN_MM_AREA_H

#include "base/tree.h"

enum {
    /* Memory for all of it was promised: mm/space.h says to what. */
    AREA_CHARGED = 1 << 0,
    /* Keeps its frames (mlock). */
    AREA_LOCKED = 1 << 1,
    /* Its contents came with the image: they do not become zeros. */
    AREA_DATA = 1 << 2,
    /* The runtime needs it: it stays, with at least the rights that it has from the start.
     */
    AREA_TEXT = 1 << 3,
    AREA_CONSTANTS = 1 << 4,
    /* The runtime's alone: no change is made to it. */
    AREA_OWN = 1 << 5,
    /* Memory of an object of its own (MAP_SHARED): what is discarded is still in that. */
    AREA_SHARED = 1 << 6,
    /* With AREA_LOCKED: its memory still comes with the first touch. */
    AREA_LAZY = 1 << 7,
    /* Must never be writable: shared, with what was opened for reading. */
    AREA_READ_ONLY = 1 << 8,
    /* All that stays. */
    AREA_NEEDED = AREA_TEXT | AREA_CONSTANTS | AREA_OWN,
};

struct area {
    struct tree_node node;
    unsigned long start, end; /* page-aligned, start < end */
    /* Of all areas below this one in the tree and itself: where they begin and end, and the
     * largest gap between two of them. */
    unsigned long low, high, gap;
    /* What it is a mapping of, or NULL, and then its origin is 0: the address, perhaps
     * below 0, at which page 0 of the object would be. So a part of an area has the same
     * one, and neighbours with the same one can be joined. */
    struct object *object;
    unsigned long origin;
    uint8_t prot;   /* PROT_* */
    uint16_t flags; /* AREA_* */
};

/* Objects that no area is a mapping of any more, through next_idle: references to them are
 * dropped when mm_lock is (mm/object.c). */
extern struct object *area_idle;

/* There is a mapping less of the object. */
void area_leave_object(struct object *object);

/* The number of the object's page at va. */
static inline unsigned long area_page_number(const struct area *area, unsigned long va) {
    return (va - area->origin) / PAGE_SIZE;
}

/* Memory of its own is wanted for what is touched in an area with that protection: it is
 * accessible, and no mapping of an object, or a private one that can be written to. */
bool area_takes_memory(const struct area *area, unsigned prot);

/* The first area that ends above address, NULL if there is none. */
struct area *area_find(unsigned long address);

/* The next area, NULL if there is none. */
struct area *area_next(const struct area *area);

/* The lowest gap of size bytes within [from, to), or 0. */
unsigned long area_find_gap(size_t size, unsigned long from, unsigned long to);

/* Where the gap around address, which is in no area, begins. */
unsigned long area_gap_start(unsigned long address);

/* Adds a range that overlaps no area. -ENOMEM if there is no memory for the record. */
int area_add(unsigned long start, unsigned long end, unsigned prot, unsigned flags);

/* The same, with the object, origin, protection and flags of like. */
int area_add_like(unsigned long start, unsigned long end, const struct area *like);

/* The range is in no area any more. -ENOMEM: nothing has changed. */
int area_remove(unsigned long start, unsigned long end);

/*
 * Makes start and end borders of areas, so that the areas within can be treated whole.
 * -ENOMEM: nothing has changed that anybody could tell.
 */
int area_split(unsigned long start, unsigned long end);

/* Joins neighbours alike from start - 1 to end. */
void area_join(unsigned long start, unsigned long end);

#endif
