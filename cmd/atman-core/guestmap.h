/* SPDX-License-Identifier: MIT */
/*
 * A domain's address space, by a walk over the page tables in its core. The upper half,
 * where Xen is, is left out; so are pages that the domain does not own, such as
 * shared_info.
 */
#ifndef ATMAN_CORE_GUESTMAP_H
#define ATMAN_CORE_GUESTMAP_H

#include "xencore.h"

#include <stdbool.h>

struct guestmap {
    struct guestmap_range {
        uint64_t va;
        size_t pages;
        unsigned rights; /* as in a segment's p_flags */
    } *ranges;           /* in the order of addresses; neighbours of equal rights are one */
    size_t count, room;
};

/* All that the tables below the frame `root` map. Returns NULL, and the caller frees with
 * guestmap_free(), or the reason why not, as a static string. A core without sense cannot
 * make it large: each frame may be mapped a few times. */
const char *guestmap_make(struct guestmap *map, const struct xencore *core, uint64_t root);

/* Where an address is in the core's pages, with *rights; NULL if nothing is mapped. */
const unsigned char *guestmap_find(const struct xencore *core, uint64_t root, uint64_t va,
                                   unsigned *rights);

/* Frees the ranges. */
void guestmap_free(struct guestmap *map);

#endif
