/* SPDX-License-Identifier: MIT */
/*
 * The model of random_map.c: what each page of a window of addresses should be. Contents
 * are 0 for zeros, or the number that write_page wrote; the rest of a page is not looked
 * at.
 */
#ifndef ATMAN_TESTS_MODEL_H
#define ATMAN_TESTS_MODEL_H

#include "check.h"
#include "mapping.h"
#include "random.h"

enum { WINDOW = 512, LONGEST = 48, WORDS = 8 };

static struct page {
    int mapped, prot;
    unsigned contents;
} model[WINDOW];

static char *window;
static unsigned writes;

static volatile unsigned long *word_of(size_t page, unsigned i) {
    return (unsigned long *)(window + page * PAGE) + (i * (PAGE / 8 - 1)) / (WORDS - 1);
}

static void write_page(size_t page) {
    model[page].contents = ++writes;
    for (unsigned i = 0; i < WORDS; i++)
        *word_of(page, i) = (unsigned long)writes * WORDS + i;
}

static void check_page(size_t page) {
    const struct page *m = &model[page];

    if (!m->mapped || !(m->prot & PROT_READ))
        return;
    for (unsigned i = 0; i < WORDS; i++)
        if (!CHECK_EQUAL(*word_of(page, i),
                         m->contents ? (unsigned long)m->contents * WORDS + i : 0)) {
            printf("    page %zu, word %u\n", page, i);
            return;
        }
}

static void check_all(void) {
    for (size_t i = 0; i < WINDOW; i++)
        check_page(i);
}

struct range {
    size_t first, count;
};

static struct range random_range(size_t longest) {
    struct range r = {.count = 1 + random_below(longest)};

    r.first = random_below(WINDOW - r.count + 1);
    return r;
}

static char *at(struct range r) {
    return window + r.first * PAGE;
}

static int is_mapped(struct range r, int wanted) {
    for (size_t i = 0; i < r.count; i++)
        if (model[r.first + i].mapped != wanted)
            return 0;
    return 1;
}

static void set(struct range r, struct page to) {
    for (size_t i = 0; i < r.count; i++)
        model[r.first + i] = to;
}

#endif
