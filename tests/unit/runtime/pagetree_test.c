/* SPDX-License-Identifier: MIT */
/*
 * fs/pagetree.c against a list: page numbers of all magnitudes, and memory that runs out
 * now and then. In the end no page of the tree's own is left.
 */
#include "fs/pagetree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mm/page.h"
#include "random.h"
#include "require.h"
#include "scenario.h"
#include "test.h"

enum { MOST = 300, STEPS = 20000 };

static struct {
    unsigned long index;
    void *page;
    unsigned marks;
} model[MOST];
static size_t count, taken;
static unsigned fail_one_in;

void *page_take(void) {
    if (fail_one_in && random_one_in(fail_one_in))
        return NULL;
    taken++;
    return memset(aligned_alloc(PAGE_SIZE, PAGE_SIZE), 0, PAGE_SIZE);
}

void page_give(void *page) {
    taken--;
    free(page);
}

static struct pagetree tree;

static unsigned long random_index(void) {
    if (count && random_one_in(2)) /* near one that is there */
        return model[random_below(count)].index + random_below(70) - 35;
    return random_one_in(2) ? random_below(200) : random_magnitude();
}

/* Its place in the model, or count. */
static size_t place_of(unsigned long index) {
    size_t i = 0;

    while (i < count && model[i].index != index)
        i++;
    return i;
}

static void add(unsigned long index) {
    static uintptr_t last;
    void *page = (void *)(++last * PAGE_SIZE);

    if (place_of(index) < count || count == MOST)
        return;
    size_t before = taken;
    unsigned marks = (unsigned)random_below(PAGETREE_MARKS + 1);
    int error = pagetree_add(&tree, index, page, marks);
    if (error) {
        REQUIRE(error == -ENOMEM && fail_one_in && taken == before);
        return;
    }
    model[count].index = index;
    model[count].marks = marks;
    model[count++].page = page;
}

static void take_out(unsigned long index) {
    size_t i = place_of(index);

    REQUIRE(pagetree_remove(&tree, index) == (i < count ? model[i].page : NULL));
    if (i < count)
        model[i] = model[--count];
}

static void mark(unsigned long index) {
    size_t i = place_of(index);
    unsigned to = (unsigned)random_below(PAGETREE_MARKS + 1);

    REQUIRE(pagetree_marks(&tree, index) == (i < count ? model[i].marks : 0));
    if (i == count)
        return;
    pagetree_set_marks(&tree, index, to);
    model[i].marks = to;
}

static void check_next(unsigned long from, unsigned marks) {
    unsigned long found = from;
    size_t next = count;

    for (size_t i = 0; i < count; i++)
        if (model[i].index >= from && (!marks || model[i].marks & marks) &&
            (next == count || model[i].index < model[next].index))
            next = i;
    void *page =
        marks ? pagetree_next_marked(&tree, &found, marks) : pagetree_next(&tree, &found);
    REQUIRE(page == (next < count ? model[next].page : NULL));
    REQUIRE(!page || found == model[next].index);
}

static void step(void) {
    unsigned long index = random_index();
    size_t i = place_of(index);

    switch (random_below(6)) {
    case 0:
    case 1:
        add(index);
        break;
    case 2:
        take_out(count && random_one_in(2) ? model[random_below(count)].index : index);
        break;
    case 3:
        mark(index);
        break;
    case 4:
        check_next(index, random_one_in(2) ? 1u << random_below(PAGE_SHIFT) : 0);
        break;
    default:
        REQUIRE(pagetree_find(&tree, index) == (i < count ? model[i].page : NULL));
    }
}

static void run_random(void) {
    fail_one_in = random_one_in(2) ? 0 : 3;
    for (int i = 0; i < STEPS; i++)
        step();
    REQUIRE(count > 20);
    while (count)
        take_out(model[0].index);
    REQUIRE_SAYING(!taken && !tree.root && !tree.height, "%zu pages are left", taken);
}

static void run_one_page(void) {
    REQUIRE(!pagetree_add(&tree, 0, (void *)PAGE_SIZE, 1) && !taken);
    REQUIRE(pagetree_find(&tree, 0) && !pagetree_find(&tree, 1) &&
            !pagetree_find(&tree, ~0ul));
    REQUIRE(!pagetree_add(&tree, ~0ul, (void *)PAGE_SIZE, 0) && taken);
    REQUIRE(pagetree_remove(&tree, ~0ul) && !taken && !tree.height);
}

TEST(random) {
    CHECK(scenario_run("random", run_random, 12, random_seed()));
}

TEST(one_page) {
    CHECK(scenario_run("one page", run_one_page, 1, 0));
}
