/* SPDX-License-Identifier: MIT */
/*
 * mm/area.c against an array that has an entry for each page. Memory for records is a
 * fake, and runs out when the test says so. Invariants: the list is sorted, its areas do
 * not touch if they are alike, and a call that fails has changed nothing.
 */
#include "mm/area.h"

#include <errno.h>
#include <stdlib.h>

#include "mm/page.h"
#include "random.h"
#include "require.h"
#include "scenario.h"
#include "test.h"

enum { PAGES = 600, FREE = -1, PER_PAGE = PAGE_SIZE / sizeof(struct area) };

static const unsigned long base = 0x200000000000;

static int model[PAGES]; /* the protection of each page */
static unsigned long allocated, allocations_left, fail_one_in;

void *page_alloc_kernel(void) {
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

/* Walks the list and compares it with the model, page by page. Returns its length. */
static size_t verify(void) {
    size_t count = 0, page = 0;
    const struct area *last = NULL;

    for (const struct area *a = area_find(0); a; last = a, a = a->next, count++) {
        REQUIRE(a->start < a->end && !(a->start % PAGE_SIZE) && !(a->end % PAGE_SIZE));
        REQUIRE(a->start >= base && a->end <= address(PAGES));
        REQUIRE(!last || last->end < a->start ||
                (last->end == a->start && last->prot != a->prot));
        for (; page < page_of(a->start); page++)
            REQUIRE_SAYING(model[page] == FREE, "page %zu", page);
        for (; page < page_of(a->end); page++)
            REQUIRE_SAYING(model[page] == a->prot, "page %zu", page);
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

static void set_model(size_t from, size_t to, int prot) {
    for (; from < to; from++)
        model[from] = prot;
}

/* Each of these does to both what its callers in mm/space.c do. */

static bool do_add(size_t from, size_t to, int prot) {
    int error = area_add(address(from), address(to), prot);

    REQUIRE(!error || error == -ENOMEM);
    if (!error)
        set_model(from, to, prot);
    return !error;
}

static bool do_remove(size_t from, size_t to) {
    int error = area_split(address(from), address(to));

    REQUIRE(!error || error == -ENOMEM);
    if (error)
        return false;
    area_remove(address(from), address(to));
    set_model(from, to, FREE);
    return true;
}

static bool do_protect(size_t from, size_t to, int prot) {
    int error = area_split(address(from), address(to));

    REQUIRE(!error || error == -ENOMEM);
    if (error)
        return false;
    for (struct area *a = area_find(address(from)); a && a->start < address(to);
         a = a->next) {
        REQUIRE(a->start >= address(from) && a->end <= address(to));
        a->prot = prot;
    }
    area_join(address(from), address(to));
    for (; from < to; from++)
        if (model[from] != FREE)
            model[from] = prot;
    return true;
}

static void check_find(size_t page) {
    const struct area *a = area_find(address(page) + random_below(PAGE_SIZE));

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
    int prot = (int)random_below(3);

    switch (random_below(5)) {
    case 0:
    case 1:
        if (is_all_free(from, to))
            do_add(from, to, prot);
        break;
    case 2:
        do_remove(from, to);
        break;
    case 3:
        do_protect(from, to, prot);
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

/* No memory at all, from the first call on. */
static void run_without_memory(void) {
    start();
    allocations_left = 0;
    REQUIRE(!do_add(3, 5, 1));
    REQUIRE(do_remove(0, PAGES) && do_protect(0, PAGES, 2));
    REQUIRE(verify() == 0);
    allocations_left = 1;
    REQUIRE(do_add(3, 5, 1));
    REQUIRE(verify() == 1);
}

/* Areas of one page each until every record is in use. */
static size_t use_all_records(void) {
    size_t page = 0;

    for (allocations_left = 1; do_add(page, page + 3, 1); page += 4)
        ;
    REQUIRE(verify() == PER_PAGE);
    return page / 4;
}

/* With k records left, an operation that needs more fails and leaves all as it was. */
static void run_last_records(void) {
    start();
    size_t count = use_all_records();
    REQUIRE(!do_protect(1, 2, 2) && verify() == count);
    REQUIRE(!do_remove(1, 2) && verify() == count);
    REQUIRE(do_remove(0, 3) && verify() == count - 1);
    /* One is left: a cut at one side is possible, the two of a cut within are not. */
    REQUIRE(!do_remove(5, 6) && verify() == count - 1);
    REQUIRE(do_remove(5, 7) && verify() == count - 1);
    REQUIRE(do_protect(8, 9, 2) && verify() == count);
    REQUIRE(!do_remove(9, 10) && verify() == count);
    /* Alike again, the two are one area, and the record is there once more. */
    REQUIRE(do_protect(8, 9, 1) && verify() == count - 1);
    REQUIRE(do_add(7, 8, 1) && verify() == count - 1);
}

TEST(random_operations) {
    CHECK(scenario_run("random", run_random, 6, random_seed()));
}

TEST(memory_gone_now_and_then) {
    CHECK(scenario_run("now and then", run_out_of_memory_at_random, 6, random_seed()));
}

TEST(memory_gone) {
    CHECK(scenario_run("without memory", run_without_memory, 1, 0));
    CHECK(scenario_run("last records", run_last_records, 1, 0));
}
