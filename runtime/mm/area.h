/* SPDX-License-Identifier: MIT */
/*
 * Which address ranges are in use and with what protection: a sorted list of areas that
 * do not overlap. Neighbours alike are one area, so the list stays short.
 */
#ifndef ATMAN_MM_AREA_H
#define ATMAN_MM_AREA_H

#include "base.h"

struct area {
    unsigned long start, end; /* page-aligned, start < end */
    int prot;                 /* PROT_* */
    struct area *next;
};

/* The first area that ends above address, NULL if there is none. */
struct area *area_find(unsigned long address);

/* The lowest gap of size bytes within [from, to), or 0. */
unsigned long area_find_gap(size_t size, unsigned long from, unsigned long to);

/* Adds a range that overlaps no area. -ENOMEM if there is no memory for the record. */
int area_add(unsigned long start, unsigned long end, int prot);

/*
 * Makes start and end borders of areas, so that the areas within can be treated whole.
 * -ENOMEM: nothing has changed that anybody could tell.
 */
int area_split(unsigned long start, unsigned long end);

/* Removes the areas within [start, end), which area_split has cut out. Cannot fail. */
void area_remove(unsigned long start, unsigned long end);

/* Joins neighbours alike from start - 1 to end. */
void area_join(unsigned long start, unsigned long end);

#endif
