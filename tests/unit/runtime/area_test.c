/* SPDX-License-Identifier: MIT */
/*
 * mm/area.c against an array that has an entry for each page. Memory for records is a
 * fake, and runs out when the test says so. Invariants: the areas are in order, do not
 * touch if they are alike, and a call that fails has changed nothing.
 */
#include "mm/area.h"

#include <errno.h>
#include <stdlib.h>

#include "mm/page.h"
#include "random.h"
#include "require.h"
#include "scenario.h"
#include "test.h"

enum {
    PAGES = 600,
    FREE = -1,
    PER_PAGE = PAGE_SIZE / sizeof(struct area),
    FIRST_RECORDS = 12, /* area.c's: for these no page is taken */
    KINDS = 3,          /* of protection; flags take as many */
    MANY = 100000,
};

static const unsigned long base = 0x200000000000;

static int model[PAGES]; /* protection and flags of each page: prot + KINDS * flags */
static unsigned long allocated, allocations_left, fail_one_in;

void *page_take(void) {
    if (!allocations_left || (fail_one_in && random_one_in((unsigned)fail_one_in)))
        return NULL;
    allocations_left--;
    allocated++;
    return calloc(1, PAGE_SIZE);
}

static unsigned long address(size_t page) {
    return base + page * PAGE_SIZE;
}

static size_t page_of(unsigned long at) {
    return (at - base) / PAGE_SIZE;
}

static void start(void) {
    for (size_t i = 0; i < PAGES; i++)
        model[i] = FREE;
    allocations_left = ~0ul;
}

static int kind_of(const struct area *a) {
    return a->prot + KINDS * a->flags;
}

/* Walks the areas and compares them with the model, page by page. Returns their number. */
static size_t verify(void) {
    size_t count = 0, page = 0;
    const struct area *last = NULL;

    for (const struct area *a = area_find(0); a; last = a, a = area_next(a), count++) {
        REQUIRE(a->start < a->end && !(a->start % PAGE_SIZE) && !(a->end % PAGE_SIZE));
        REQUIRE(a->start >= base && a->end <= address(PAGES));
        REQUIRE(!last || last->end < a->start ||
                (last->end == a->start && kind_of(last) != kind_of(a)));
        for (; page < page_of(a->start); page++)
            REQUIRE_SAYING(model[page] == FREE, "page %zu", page);
        for (; page < page_of(a->end); page++)
            REQUIRE_SAYING(model[page] == kind_of(a), "page %zu", page);
    }
    for (; page < PAGES; page++)
        REQUIRE_SAYING(model[page] == FREE, "page %zu", page);
    return count;
}

static bool is_all_free(size_t from, size_t to) {
    for (; from < to; from++)
        if (model[from] != FREE)
            return false;
    return true;
}

static void set_model(size_t from, size_t to, int kind) {
    for (; from < to; from++)
        model[from] = kind;
}

/* Each of these does to both what its callers in mm/space.c do. */

static bool do_add(size_t from, size_t to, int kind) {
    int error = area_add(address(from), address(to), (unsigned)(kind % KINDS),
                         (unsigned)(kind / KINDS));

    REQUIRE(!error || error == -ENOMEM);
    if (!error)
        set_model(from, to, kind);
    return !error;
}

static bool do_remove(size_t from, size_t to) {
    int error = area_remove(address(from), address(to));

    REQUIRE(!error || error == -ENOMEM);
    if (!error)
        set_model(from, to, FREE);
    return !error;
}

static bool do_change(size_t from, size_t to, int kind) {
    int error = area_split(address(from), address(to));

    REQUIRE(!error || error == -ENOMEM);
    if (error)
        return false;
    for (struct area *a = area_find(address(from)); a && a->start < address(to);
         a = area_next(a)) {
        REQUIRE(a->start >= address(from) && a->end <= address(to));
        a->prot = (uint8_t)(kind % KINDS);
        a->flags = (uint8_t)(kind / KINDS);
    }
    area_join(address(from), address(to));
    for (; from < to; from++)
        if (model[from] != FREE)
            model[from] = kind;
    return true;
}

static void check_find(size_t page) {
    const struct area *a = area_find(address(page) + random_below(PAGE_SIZE));

    if (model[page] == FREE) {
        size_t first = page;
        while (first && model[first - 1] == FREE)
            first--;
        REQUIRE(area_gap_start(address(page)) == (first ? address(first) : 0));
    }
    while (page < PAGES && model[page] == FREE)
        page++;
    if (page == PAGES)
        REQUIRE(!a);
    else
        REQUIRE(a && a->start <= address(page) && a->end > address(page));
}

static void check_gap(size_t size, size_t from, size_t to) {
    unsigned long wanted = 0;

    for (size_t at = from; at + size <= to && !wanted; at++)
        if (is_all_free(at, at + size))
            wanted = address(at);
    REQUIRE(area_find_gap(size * PAGE_SIZE, address(from), address(to)) == wanted);
}

static void random_step(void) {
    size_t from = random_below(PAGES), size = random_between(1, random_one_in(4) ? 60 : 6);
    size_t to = MIN(from + size, (size_t)PAGES);
    int kind = (int)random_below(2 * KINDS);

    switch (random_below(5)) {
    case 0:
    case 1:
        if (is_all_free(from, to))
            do_add(from, to, kind);
        break;
    case 2:
        do_remove(from, to);
        break;
    case 3:
        do_change(from, to, kind);
        break;
    default:
        check_find(from);
        check_gap(size, from, random_between(from, PAGES));
    }
}

static void run_random(void) {
    start();
    for (int i = 0; i < 4000; i++) {
        random_step();
        verify();
    }
    size_t most = PAGES / PER_PAGE + 3; /* all areas a page long, and some to cut with */
    REQUIRE_SAYING(allocated <= most, "%lu pages of records", allocated);
}

static void run_out_of_memory_at_random(void) {
    start();
    for (int i = 0; i < 4000; i++) {
        fail_one_in = random_between(1, 3);
        random_step();
        verify();
    }
}

/* Areas of three pages, one page apart, until every record is in use. */
static size_t use_all_records(void) {
    size_t page = 0;

    while (do_add(page, page + 3, 1))
        page += 4;
    REQUIRE(verify() == page / 4);
    return page / 4;
}

/* With k records left, an operation that needs more fails and leaves all as it was. */
static void run_last_records(void) {
    start();
    allocations_left = 0;
    REQUIRE(do_remove(0, PAGES) && do_change(0, PAGES, 2));
    REQUIRE(use_all_records() == FIRST_RECORDS);
    allocations_left = 1;
    REQUIRE(do_add(PAGES - 1, PAGES, 1) && do_remove(0, PAGES));
    size_t count = use_all_records();
    REQUIRE_SAYING(count == FIRST_RECORDS + PER_PAGE, "%zu records", count);
    REQUIRE(!do_change(1, 2, 2) && verify() == count);
    REQUIRE(!do_remove(1, 2) && verify() == count);
    /* What needs no record can be done: a piece less at an end, a piece more. */
    REQUIRE(do_remove(2, 4) && do_remove(4, 5) && do_add(2, 3, 1) && verify() == count);
    REQUIRE(do_add(3, 5, 1) && verify() == count - 1);
    /* One is left: a cut at one side is possible, two are not. */
    REQUIRE(!do_change(9, 10, 2) && verify() == count - 1);
    REQUIRE(do_change(8, 9, 2) && verify() == count);
    REQUIRE(!do_remove(13, 14) && verify() == count);
    /* Alike again, the two are one area, and the record is there once more. */
    REQUIRE(do_change(8, 9, 1) && verify() == count - 1);
    REQUIRE(do_remove(13, 14) && verify() == count);
}

/* A hundred thousand, with gaps of one page but for one of two, and all of it quickly. */
static void run_many(void) {
    size_t wide = random_below(MANY - 1);

    start();
    for (size_t i = 0; i < MANY; i++)
        REQUIRE(
            !area_add(address(2 * i + (i > wide)), address(2 * i + (i > wide) + 1), 1, 0));
    for (size_t i = 0; i < MANY; i++) {
        size_t from = 2 * random_below(MANY);
        REQUIRE(area_find_gap(2 * PAGE_SIZE, base, address(3 * MANY)) ==
                address(2 * wide + 1));
        unsigned long gap = area_find_gap(PAGE_SIZE, address(from), address(3 * MANY));
        REQUIRE(gap == address(from) || gap == address(from + 1));
    }
    for (size_t i = 0; i < MANY; i++) {
        size_t which = i * 77773 % MANY;
        unsigned long at = address(2 * which + (which > wide));
        REQUIRE(area_find(at)->start == at && !area_remove(at, at + PAGE_SIZE));
    }
    REQUIRE(!area_find(0));
}

TEST(random_operations) {
    CHECK(scenario_run("random", run_random, 6, random_seed()));
}

TEST(memory_gone_now_and_then) {
    CHECK(scenario_run("now and then", run_out_of_memory_at_random, 6, random_seed()));
}

TEST(memory_gone) {
    CHECK(scenario_run("last records", run_last_records, 1, 0));
}

TEST(many) {
    CHECK(scenario_run("many", run_many, 2, random_seed()));
}
