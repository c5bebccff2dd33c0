/* SPDX-License-Identifier: MIT */
/* What the files of the address space share; all but the first two with mm_lock held. */
#ifndef ATMAN_MM_INTERNAL_H
#define ATMAN_MM_INTERNAL_H

#include "mm/area.h"
#include "mm/lock.h"
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

/* With so many pages more, so little is left that memory must come from the call. */
bool space_is_tight(size_t pages);

/*
 * A new area where nothing is, of AREA_* flags; fills it if memory is tight and it is
 * charged. -ENOMEM: nothing was added.
 */
long space_add(unsigned long start, size_t size, unsigned prot, unsigned flags);

/* Nothing is mapped in [start, end) any more. -EACCES: something has to stay. */
long space_clear(unsigned long start, unsigned long end);

/* Memory for an area's pages. */
int space_fill(const struct area *area, unsigned long start, unsigned long end);

/* Takes the memory of an area's pages away. */
void space_empty(const struct area *area, unsigned long start, unsigned long end);

/* The first page of the range that is in no area, or end. */
unsigned long space_find_hole(unsigned long start, unsigned long end);

#endif
