/* SPDX-License-Identifier: MIT */
/* The list of areas, and where its records come from: kernel pages, kept for reuse. */
#include "mm/area.h"

#include <errno.h>

#include "mm/page.h"

static struct area *areas, *unused;

static struct area *new_record(void) {
    if (!unused) {
        struct area *page = page_alloc_kernel();
        if (!page)
            return NULL;
        for (size_t i = 0; i < PAGE_SIZE / sizeof(*page); i++) {
            page[i].next = unused;
            unused = &page[i];
        }
    }
    struct area *record = unused;
    unused = record->next;
    return record;
}

static void drop_record(struct area *record) {
    record->next = unused;
    unused = record;
}

/* The link to the first area that ends above address. */
static struct area **find_link(unsigned long address) {
    struct area **link = &areas;

    while (*link && (*link)->end <= address)
        link = &(*link)->next;
    return link;
}

struct area *area_find(unsigned long address) {
    return *find_link(address);
}

unsigned long area_find_gap(size_t size, unsigned long from, unsigned long to) {
    unsigned long at = from;

    for (struct area *a = area_find(from); a && a->start < to; a = a->next) {
        if (a->start > at && a->start - at >= size)
            return at;
        at = a->end;
    }
    return at < to && to - at >= size ? at : 0;
}

static int insert(struct area **link, unsigned long start, unsigned long end, int prot) {
    struct area *record = new_record();

    if (!record)
        return -ENOMEM;
    *record = (struct area){start, end, prot, *link};
    *link = record;
    return 0;
}

int area_add(unsigned long start, unsigned long end, int prot) {
    int error = insert(find_link(start), start, end, prot);

    if (!error)
        area_join(start, end);
    return error;
}

static int split_at(unsigned long address) {
    struct area *a = area_find(address);

    if (!a || a->start >= address)
        return 0;
    int error = insert(&a->next, address, a->end, a->prot);
    if (!error)
        a->end = address;
    return error;
}

int area_split(unsigned long start, unsigned long end) {
    int error = split_at(start);

    if (!error)
        error = split_at(end);
    if (error)
        area_join(start, end);
    return error;
}

void area_remove(unsigned long start, unsigned long end) {
    struct area **link = find_link(start);

    while (*link && (*link)->start < end) {
        struct area *gone = *link;
        *link = gone->next;
        drop_record(gone);
    }
}

void area_join(unsigned long start, unsigned long end) {
    struct area *a = area_find(start - 1);

    while (a && a->next && a->start <= end) {
        struct area *next = a->next;
        if (a->end == next->start && a->prot == next->prot) {
            a->end = next->end;
            a->next = next->next;
            drop_record(next);
        } else {
            a = next;
        }
    }
}
