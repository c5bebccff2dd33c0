/* SPDX-License-Identifier: MIT */
/* What the files of the address space share; all but the first two with mm_lock held. */
#ifndef ATMAN_MM_INTERNAL_H
#define ATMAN_MM_INTERNAL_H

#include "mm/area.h"
#include "mm/lock.h"
#include "mm/object.h"
#include "mm/space.h"

/* Takes and drops mm_lock. */
void space_enter(void);
void space_leave(void);

/* What was mapped before there were areas; empty if it was not. */
extern struct space_early {
    unsigned long start, end;
} space_early[SPACE_EARLY];

/*
 * What space_fault does once there may be something to do, NULL before that. So a program
 * that maps nothing has none of it linked.
 */
extern int (*space_fault_handler)(unsigned long address, unsigned error, int *code);

/* That handler. */
int space_resolve(unsigned long address, unsigned error, int *code);

/*
 * What is done about areas of objects: NULL until there may be one. So a program that maps
 * none has none of it linked.
 */
extern const struct space_objects {
    /* A fault at va that the area allows: as space_fault. */
    int (*resolve)(const struct area *area, unsigned long va, unsigned error, int *code);
    /* space_fill, with copies of a private area's pages if it is to be written to. -EFAULT:
     * beyond the object's end; -EAGAIN: a page has to be waited for. */
    int (*fill)(const struct area *area, unsigned long start, unsigned long end,
                bool write);
    /* The page at va would be there without delay. */
    bool (*is_present)(const struct area *area, unsigned long va);
    /* Drops mm_lock, then the references to objects in area_idle. */
    void (*leave)(void);
    /* The operations of all objects, or those that are shared, in the range. Without
     * mm_lock. */
    void (*fetch)(unsigned long start, unsigned long end);
    long (*sync)(unsigned long start, unsigned long end);
    long (*punch)(unsigned long start, unsigned long end);
} *space_objects;

/* As flags of an area. */
static inline unsigned space_lock_flags(enum space_lock lock) {
    return lock == SPACE_UNLOCKED ? 0
           : lock == SPACE_LOCKED ? AREA_LOCKED
                                  : AREA_LOCKED | AREA_LAZY;
}

/* A size in whole pages; 0 if it is 0 or no range could be that large. */
static inline size_t space_to_pages(size_t size) {
    return size > SPACE_END ? 0 : ROUND_UP(size, PAGE_SIZE);
}

/* Pages that were promised to charged areas and that they have not got yet. */
extern size_t space_owed;

/* Where size bytes are free, at hint if it can be; 0: nowhere. flags may be MAP_32BIT. */
unsigned long space_choose(unsigned long hint, size_t size, int flags);

/* Something may be placed there. */
bool space_is_placeable(unsigned long start, size_t size);

/* So many pages more can be had, beyond owed ones. Makes room if it has to. */
bool space_has_room(size_t pages, size_t owed);

/* Pages that can be had for what stays, beyond owed ones and a few for tables and the like.
 * Makes room if there are none. With mm_lock held. */
size_t space_spare(void);

/* With so many pages more, so little is left that memory must come from the call. */
bool space_is_tight(size_t pages);

/*
 * A new area like that where nothing is; fills it if memory is tight and it is charged.
 * -ENOMEM: nothing was added.
 */
long space_add(unsigned long start, size_t size, const struct area *like);

/* A mapping at start, or where the flags (MAP_*) say, of an object from page first on, or
 * of none. The address or an error. */
long space_place(unsigned long start, size_t size, int prot, int flags,
                 struct object *object, unsigned long first);

/* Nothing is mapped in [start, end) any more. -EACCES: something has to stay. */
long space_clear(unsigned long start, unsigned long end);

/* Memory for an area's pages; those of an object that can be written to are written to.
 * -EFAULT: beyond the object's end. */
int space_fill(const struct area *area, unsigned long start, unsigned long end);

/* Where the pages end that a fault at va, in an area that ends there, is to bring. */
unsigned long space_choose_end(unsigned long va, unsigned long area_end);

/* Takes the memory of an area's pages away. */
void space_empty(const struct area *area, unsigned long start, unsigned long end);

/* The first page of the range that is in no area, or end. */
unsigned long space_find_hole(unsigned long start, unsigned long end);

#endif
