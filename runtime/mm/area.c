/* SPDX-License-Identifier: MIT */
/*
 * The tree of areas, and where its records come from: a few are there from the start, then
 * come pages of them, kept for reuse.
 */
#include "mm/area.h"

#include <errno.h>
#include <sys/mman.h>

#include "mm/object.h"
#include "mm/page.h"

enum { FIRST_RECORDS = 12, PER_PAGE = PAGE_SIZE / sizeof(struct area) };

/* A record that is not in use has its start for a link. */
static struct area first_records[FIRST_RECORDS], *unused;
static unsigned first_used;

static struct area *area_of(const struct tree_node *node) {
    return TREE_RECORD(node, struct area, node);
}

static bool update(struct tree_node *node) {
    struct area *a = area_of(node);
    struct area *left = area_of(node->child[0]), *right = area_of(node->child[1]);
    unsigned long low = a->start, high = a->end, gap = 0;

    if (left) {
        low = left->low;
        gap = left->gap > a->start - left->high ? left->gap : a->start - left->high;
    }
    if (right) {
        high = right->high;
        gap = right->gap > gap ? right->gap : gap;
        gap = right->low - a->end > gap ? right->low - a->end : gap;
    }
    bool changed = low != a->low || high != a->high || gap != a->gap;
    a->low = low;
    a->high = high;
    a->gap = gap;
    return changed;
}

static struct tree areas = {.update = update};
struct object *area_idle;

void area_leave_object(struct object *object) {
    if (--object->mappings || object->idle)
        return;
    object->idle = true;
    object->next_idle = area_idle;
    area_idle = object;
}

static struct area *new_record(void) {
    struct area *record = unused;

    if (record) {
        unused = (struct area *)record->start;
        return record;
    }
    if (first_used < FIRST_RECORDS)
        return &first_records[first_used++];
    record = page_take();
    for (unsigned i = 1; record && i < PER_PAGE; i++) {
        record[i].start = (unsigned long)unused;
        unused = &record[i];
    }
    return record;
}

static void drop(struct area *area) {
    tree_remove(&areas, &area->node);
    if (area->object)
        area_leave_object(area->object);
    area->start = (unsigned long)unused;
    unused = area;
}

static bool ends_before(const struct tree_node *node, unsigned long address) {
    return area_of(node)->end <= address;
}

struct area *area_find(unsigned long address) {
    return area_of(tree_find(&areas, ends_before, address));
}

struct area *area_next(const struct area *area) {
    return area_of(tree_next(&area->node));
}

static struct area *last_before(const struct area *next) {
    return area_of(next ? tree_previous(&next->node) : tree_edge(&areas, 1));
}

unsigned long area_gap_start(unsigned long address) {
    const struct area *a = last_before(area_find(address));

    return a ? a->end : 0;
}

/* The lowest end that size bytes are free behind, among the areas below a in the tree,
 * which have such a gap between them. */
static unsigned long first_gap(const struct area *a, size_t size) {
    for (;;) {
        const struct area *left = area_of(a->node.child[0]);
        const struct area *right = area_of(a->node.child[1]);
        if (left && left->gap >= size)
            a = left;
        else if (left && a->start - left->high >= size)
            return left->high;
        else if (right->low - a->end >= size)
            return a->end;
        else
            a = right;
    }
}

/* The lowest end, of a or an area behind it, that size bytes are free behind. */
static unsigned long next_gap(const struct area *a, size_t size) {
    for (;;) {
        const struct area *right = area_of(a->node.child[1]);
        unsigned long end = a->end;
        if (right) {
            if (right->low - end >= size)
                return end;
            if (right->gap >= size)
                return first_gap(right, size);
            end = right->high;
        }
        const struct tree_node *node = &a->node;
        while (node->parent && node->parent->child[1] == node)
            node = node->parent;
        a = area_of(node->parent);
        if (!a || a->start - end >= size)
            return end;
    }
}

unsigned long area_find_gap(size_t size, unsigned long from, unsigned long to) {
    const struct area *a = area_find(from);
    unsigned long at = from;

    if (a && (a->start <= from || a->start - from < size))
        at = next_gap(a, size);
    return at < to && to - at >= size ? at : 0;
}

static struct area *insert(struct area *next, unsigned long start, unsigned long end,
                           const struct area *like) {
    struct area *a = new_record();

    if (a) {
        *a = *like;
        a->start = start;
        a->end = end;
        if (a->object)
            a->object->mappings++;
        tree_insert(&areas, &a->node, next ? &next->node : NULL);
    }
    return a;
}

static bool is_alike(const struct area *a, const struct area *b) {
    return a->prot == b->prot && a->flags == b->flags && a->object == b->object &&
           a->origin == b->origin;
}

static void set_end(struct area *a, unsigned long end) {
    a->end = end;
    tree_refresh(&areas, &a->node);
}

/* a and next become one, if they can. */
static bool join(struct area *a, struct area *next) {
    if (!next || a->end != next->start || !is_alike(a, next))
        return false;
    unsigned long end = next->end;
    drop(next);
    set_end(a, end);
    return true;
}

int area_add_like(unsigned long start, unsigned long end, const struct area *like) {
    struct area *next = area_find(start), *a = last_before(next);

    if (a && a->end == start && is_alike(a, like))
        set_end(a, end);
    else
        a = insert(next, start, end, like);
    if (!a)
        return -ENOMEM;
    join(a, next);
    return 0;
}

int area_add(unsigned long start, unsigned long end, unsigned prot, unsigned flags) {
    const struct area like = {.prot = (uint8_t)prot, .flags = (uint16_t)flags};

    return area_add_like(start, end, &like);
}

bool area_takes_memory(const struct area *a, unsigned prot) {
    if (!a->object)
        return prot;
    return prot & PROT_WRITE && !(a->flags & AREA_SHARED);
}

/* What is behind address becomes an area of its own. */
static int split(struct area *a, unsigned long address) {
    unsigned long end = a->end;

    set_end(a, address);
    if (insert(area_next(a), address, end, a))
        return 0;
    set_end(a, end);
    return -ENOMEM;
}

int area_remove(unsigned long start, unsigned long end) {
    struct area *a = area_find(start);

    if (a && a->start < start) {
        if (a->end > end && split(a, end))
            return -ENOMEM;
        struct area *next = area_next(a);
        set_end(a, start);
        a = next;
    }
    while (a && a->end <= end) {
        struct area *gone = a;
        a = area_next(a);
        drop(gone);
    }
    if (a && a->start < end) {
        a->start = end;
        tree_refresh(&areas, &a->node);
    }
    return 0;
}

static int split_at(unsigned long address) {
    struct area *a = area_find(address);

    return a && a->start < address ? split(a, address) : 0;
}

int area_split(unsigned long start, unsigned long end) {
    int error = split_at(start);

    if (!error)
        error = split_at(end);
    if (error)
        area_join(start, end);
    return error;
}

void area_join(unsigned long start, unsigned long end) {
    struct area *a = area_find(start - 1);

    while (a && a->start <= end)
        if (!join(a, area_next(a)))
            a = area_next(a);
}
