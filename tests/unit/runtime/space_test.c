/* SPDX-License-Identifier: MIT */
/*
 * mm/space.c with all that is below it (areas, backing, page tables, frames) on the fake
 * machine: random calls against the model, with much memory and with too little, and the
 * cases that they do not come to.
 */
#include "mm/space.h"

#include <errno.h>
#include <sys/mman.h>

#include "mm/area.h"
#include "mm/page.h"
#include "random.h"
#include "require.h"
#include "scenario.h"
#include "space_calls.h"
#include "space_model.h"
#include "test.h"

enum { MOST = 600 /* pages mapped at a time */ };

static void make_room(void) {
    while (model_count() > MOST) {
        unsigned long start = MODEL_HEAP_END + random_below(MODEL_MAPPINGS) * PAGE_SIZE;
        if (space_unmap(start, CALLS_LONGEST * PAGE_SIZE) == 0)
            model_set(start, CALLS_LONGEST, MODEL_NONE);
    }
}

static void run_calls(const struct machine_plan *plan, int calls) {
    static void (*const kinds[])(void) = {
        calls_map,     calls_map,   calls_unmap, calls_protect, calls_remap,
        calls_discard, calls_break, calls_write, calls_write,   calls_check};

    model_start(plan);
    for (int i = 0; i < calls; i++) {
        make_room();
        kinds[random_below(ARRAY_SIZE(kinds))]();
        model_verify(i % 16 == 0);
    }
    for (unsigned long va = SPACE_START; va < SPACE_END;) {
        const struct area *a = area_find(va);
        if (!a)
            break;
        va = a->end;
        REQUIRE(!space_unmap(a->start, a->end - a->start));
    }
    model_verify_empty();
}

static void run_with_much_memory(void) {
    struct machine_plan plan = {.frames = MACHINE_FRAMES, .mapped_end = 900};

    run_calls(&plan, 1500);
}

static void run_with_little_memory(void) {
    struct machine_plan plan = machine_random_plan();

    plan.frames = random_between(256, 640);
    plan.mapped_end = random_between(64, 256);
    plan.hole = plan.mapped_end + random_below(plan.frames - plan.mapped_end + 1);
    plan.hole_size = random_below(MIN(8ul, plan.frames - plan.hole + 1));
    run_calls(&plan, 1500);
}

/* --- what random calls do not come to ---------------------------------------------- */

static const int data = PROT_READ | PROT_WRITE;

static void start_small(void) {
    struct machine_plan plan = {.frames = 1024, .mapped_end = 200, .hole = 1024};

    model_start(&plan);
}

/* All there is, in pieces; the last call fails, everything was accessible, twice alike. */
static void run_all_memory(void) {
    size_t got[3];

    start_small();
    for (int round = 0; round < 3; round++) {
        size_t n = 0;
        long at;
        for (; (at = space_map(0, 3 * PAGE_SIZE, data, MAP_PRIVATE | MAP_ANONYMOUS)) > 0;
             n++) {
            REQUIRE(*(uint64_t *)at == 0);
            *(uint64_t *)at = ~0ul;
        }
        REQUIRE(at == -ENOMEM && page_count_free() < 3 + 8);
        got[round] = n;
        REQUIRE(!space_unmap(MODEL_HEAP_END, n * 3 * PAGE_SIZE));
        model_verify_empty();
    }
    REQUIRE_SAYING(got[0] >= 250 && got[1] == got[2] && got[0] - got[1] < 3,
                   "%zu, %zu, %zu times", got[0], got[1], got[2]);
}

/* Addresses without access take no memory, however many they are. */
static void run_reservation(void) {
    const size_t size = 1ul << 30;

    start_small();
    REQUIRE(space_map(SPACE_START, PAGE_SIZE, data, MAP_FIXED) > 0); /* records, tables */
    size_t before = page_count_free();
    long at = space_map(0, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE);
    REQUIRE(at > 0);
    unsigned long start = (unsigned long)at;
    REQUIRE(page_count_free() == before && !space_check(start, size));
    REQUIRE(space_map(0, size, data, MAP_PRIVATE | MAP_ANONYMOUS) == -ENOMEM);
    REQUIRE(space_protect(start, size, data) == -ENOMEM);
    REQUIRE(!pt_get(start) && !pt_get(start + size - PAGE_SIZE));
    REQUIRE(!space_protect(start + size - PAGE_SIZE, PAGE_SIZE, data));
    *(uint64_t *)(start + size - PAGE_SIZE) = 1;
    REQUIRE(!space_unmap(start, size) && space_check(start, PAGE_SIZE) == -ENOMEM);
}

static unsigned long image(pfn_t page) {
    return (unsigned long)pt_direct(page);
}

/* One page of the image is made executable; the ones beside it stay what they were. */
static void run_image(void) {
    start_small();
    for (pfn_t page = 0; page < MACHINE_IMAGE; page++)
        REQUIRE(!machine_is_executable(image(page)));
    REQUIRE(!space_protect(image(3), PAGE_SIZE, PROT_READ | PROT_EXEC));
    for (pfn_t page = 0; page < MACHINE_IMAGE; page++)
        REQUIRE(machine_is_executable(image(page)) == (page == 3));
    REQUIRE(!(pt_get(image(3)) & PTE_WRITE) && pt_get(image(4)) & PTE_WRITE);
    REQUIRE(!space_protect(image(0), 4 * PAGE_SIZE, data));
    for (pfn_t page = 0; page < 4; page++) {
        REQUIRE(!machine_is_executable(image(page)));
        *(uint64_t *)image(page) = page;
    }
    REQUIRE(!space_protect(image(2), PAGE_SIZE, PROT_NONE) &&
            !space_protect(image(2), 1, data));
    REQUIRE(*(uint64_t *)image(2) == 2);
    /* Neither what is behind the image nor what is partly so is the program's. */
    REQUIRE(space_protect(image(MACHINE_IMAGE), PAGE_SIZE, data) == -ENOMEM);
    REQUIRE(space_protect(image(7), 2 * PAGE_SIZE, data) == -ENOMEM);
    REQUIRE(space_protect(image(3), ~0ul - 2 * PAGE_SIZE, data) == -ENOMEM);
    REQUIRE(space_unmap(image(3), PAGE_SIZE) == -EINVAL);
}

/* shared_info lies among the image's data, and its frame is Xen's. */
static void run_shared_info(void) {
    start_small();
    pte_t shared = pt_get(image(MACHINE_SHARED));
    REQUIRE(!space_protect(image(2), 6 * PAGE_SIZE, data));
    REQUIRE(pt_get(image(MACHINE_SHARED)) == shared);
}

#define SCENARIO(title, count)                                                             \
    TEST(title) {                                                                          \
        CHECK(scenario_run(#title, run_##title, count, random_seed()));                    \
    }

SCENARIO(with_much_memory, 6)
SCENARIO(with_little_memory, 10)
SCENARIO(all_memory, 1)
SCENARIO(reservation, 1)
SCENARIO(image, 1)
SCENARIO(shared_info, 1)
