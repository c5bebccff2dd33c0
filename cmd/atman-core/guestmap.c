/* SPDX-License-Identifier: MIT */
/*
 * The walk over a guest's page tables: see guestmap.h. Entries are the processor's (Intel
 * SDM volume 3, 4.5), with frame numbers of the machine, as PV guests have them.
 */
#include "guestmap.h"

#include "memory.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

enum {
    PRESENT = 1,
    WRITE = 2,
    LARGE = 0x80, /* not for PV guests */
    LEVELS = 4,
    ENTRIES = 512,
    LOWER_HALF = 256, /* entries of the highest table */
    PAGE_BITS = 12,
    INDEX_BITS = 9,
    /* Each page is in the direct map and where the program sees it; sharing adds to that. A
     * table may be a page of the other tables in a core without sense. */
    MOST_TIMES = 8,
};

#define NO_EXECUTE (UINT64_C(1) << 63)
#define FRAME UINT64_C(0x000ffffffffff000)

struct walk {
    struct guestmap *map;
    const struct xencore *core;
    size_t left; /* pages and tables that may still come */
};

static uint64_t entry_of(const unsigned char *table, unsigned i) {
    uint64_t entry;

    memcpy(&entry, table + i * sizeof entry, sizeof entry);
    return entry;
}

/* Every level takes rights away. */
static unsigned narrow(unsigned rights, uint64_t entry) {
    if (!(entry & WRITE))
        rights &= ~(unsigned)PF_W;
    if (entry & NO_EXECUTE)
        rights &= ~(unsigned)PF_X;
    return rights;
}

static void add(struct guestmap *map, uint64_t va, unsigned rights) {
    struct guestmap_range *last = map->count ? &map->ranges[map->count - 1] : NULL;

    if (last && last->rights == rights && last->va + last->pages * XENCORE_PAGE == va) {
        last->pages++;
        return;
    }
    if (map->count == map->room) {
        map->room = map->room ? 2 * map->room : 64;
        map->ranges = must_resize(map->ranges, map->room, sizeof *map->ranges);
    }
    map->ranges[map->count++] = (struct guestmap_range){va, 1, rights};
}

static bool take_table(struct walk *walk, const unsigned char *table, unsigned level,
                       uint64_t va, unsigned rights) {
    unsigned shift = PAGE_BITS + INDEX_BITS * (level - 1);

    for (unsigned i = 0; i < (level == LEVELS ? LOWER_HALF : ENTRIES); i++) {
        uint64_t entry = entry_of(table, i), at = va + ((uint64_t)i << shift);
        const unsigned char *page;

        if (!(entry & PRESENT) || (level > 1 && entry & LARGE))
            continue;
        page = xencore_page(walk->core, (entry & FRAME) >> PAGE_BITS);
        if (!page)
            continue;
        if (walk->left-- == 0)
            return false;
        if (level == 1)
            add(walk->map, at, narrow(rights, entry));
        else if (!take_table(walk, page, level - 1, at, narrow(rights, entry)))
            return false;
    }
    return true;
}

const char *guestmap_make(struct guestmap *map, const struct xencore *core, uint64_t root) {
    struct walk walk = {map, core, MOST_TIMES * core->page_count};
    const unsigned char *table = xencore_page(core, root);

    *map = (struct guestmap){0};
    if (!table)
        return "its page tables are not in it";
    if (take_table(&walk, table, LEVELS, 0, PF_R | PF_W | PF_X))
        return NULL;
    guestmap_free(map);
    return "its page tables make no sense";
}

const unsigned char *guestmap_find(const struct xencore *core, uint64_t root, uint64_t va,
                                   unsigned *rights) {
    const unsigned char *page = xencore_page(core, root);

    *rights = PF_R | PF_W | PF_X;
    if (va >> (PAGE_BITS + LEVELS * INDEX_BITS - 1))
        return NULL;
    for (unsigned level = LEVELS; page && level > 0; level--) {
        unsigned shift = PAGE_BITS + INDEX_BITS * (level - 1);
        uint64_t entry = entry_of(page, va >> shift & (ENTRIES - 1));

        if (!(entry & PRESENT) || (level > 1 && entry & LARGE))
            return NULL;
        *rights = narrow(*rights, entry);
        page = xencore_page(core, (entry & FRAME) >> PAGE_BITS);
    }
    return page ? page + va % XENCORE_PAGE : NULL;
}

void guestmap_free(struct guestmap *map) {
    free(map->ranges);
    *map = (struct guestmap){0};
}
