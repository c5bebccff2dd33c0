/* SPDX-License-Identifier: MIT */
/*
 * mm/space.c with all that is below it (areas, backing, page tables, frames) on the fake
 * machine: random calls against the model, with much memory and with too little, and the
 * cases that they do not come to.
 */
#include "mm/space.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>

#include "mm/area.h"
#include "mm/backing.h"
#include "mm/internal.h"
#include "mm/page.h"
#include "pv/trap.h"
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
            model_set(start, CALLS_LONGEST, MODEL_NONE, false);
    }
}

static void run_calls(const struct machine_plan *plan, int calls) {
    static void (*const kinds[])(void) = {
        calls_map,      calls_map,   calls_unmap, calls_protect, calls_remap,
        calls_discard,  calls_break, calls_write, calls_write,   calls_check,
        calls_populate, calls_fault, calls_fault};

    model_start(plan);
    for (int i = 0; i < calls; i++) {
        make_room();
        kinds[random_below(ARRAY_SIZE(kinds))]();
        model_verify(i % 16 == 0);
    }
    for (unsigned long va = SPACE_START; va < SPACE_END;) {
        const struct area *a = area_find(va);
        if (!a || a->start >= SPACE_END)
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

static const int data = PROT_READ | PROT_WRITE, anonymous = MAP_PRIVATE | MAP_ANONYMOUS;

static void start_small(void) {
    struct machine_plan plan = {.frames = 1024, .mapped_end = 200, .hole = 1024};

    model_start(&plan);
}

/* All there is, in pieces of which a third is touched: the last call fails, and what the
 * others promised is there, each time as much. */
static void run_all_memory(void) {
    size_t got[3];

    start_small();
    for (int round = 0; round < 3; round++) {
        size_t n = 0;
        long at;
        for (; (at = space_map(0, 3 * PAGE_SIZE, data, anonymous)) > 0; n++) {
            REQUIRE(model_touch((unsigned long)at, FAULT_WRITE));
            REQUIRE(*(uint64_t *)at == 0);
            *(uint64_t *)at = ~0ul;
        }
        REQUIRE(at == -ENOMEM && page_count_free() < 3 + space_owed + 8);
        for (unsigned long va = MODEL_HEAP_END; va < MODEL_HEAP_END + n * 3 * PAGE_SIZE;
             va += PAGE_SIZE)
            REQUIRE_SAYING(model_touch(va, FAULT_WRITE), "not all that was promised");
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
    REQUIRE(space_map(SPACE_START, PAGE_SIZE, data, MAP_FIXED) > 0); /* records */
    size_t before = page_count_free();
    long at = space_map(0, size, PROT_NONE, anonymous);
    REQUIRE(at > 0);
    unsigned long start = (unsigned long)at;
    REQUIRE(page_count_free() == before && !space_check(start, size, 0));
    REQUIRE(space_map(0, size, data, anonymous) == -ENOMEM);
    REQUIRE(space_map(0, size, data, anonymous | MAP_STACK) == -ENOMEM);
    REQUIRE(space_protect(start, size, data) == -ENOMEM);
    REQUIRE(!pt_get(start) && !pt_get(start + size - PAGE_SIZE));
    REQUIRE(!space_protect(start + size - PAGE_SIZE, PAGE_SIZE, data));
    REQUIRE(model_touch(start + size - PAGE_SIZE, FAULT_WRITE));
    *(uint64_t *)(start + size - PAGE_SIZE) = 1;
    REQUIRE(!space_unmap(start, size) && space_check(start, PAGE_SIZE, 0) == -ENOMEM);

    /* What nobody promised can be as large, until it is touched. */
    at = space_map(0, size, data, anonymous | MAP_NORESERVE);
    REQUIRE(at > 0 && space_owed == 1);
    for (start = (unsigned long)at; model_touch(start, FAULT_WRITE); start += 3 * PAGE_SIZE)
        ;
    REQUIRE(!page_count_free() && start - (unsigned long)at > 100 * PAGE_SIZE);
    REQUIRE(space_map(0, PAGE_SIZE, data, anonymous) == -ENOMEM);
    REQUIRE(!space_unmap((unsigned long)at, size));
    backing_sweep();
    REQUIRE(page_count_free() + 1 >= before); /* the heap's page is owed still */
}

/* Stacks as threads have them, together far larger than memory: a page of each is used. */
static void run_stacks(void) {
    const size_t size = 33 * PAGE_SIZE, count = 60;
    long at[60];

    start_small();
    REQUIRE(count * size / PAGE_SIZE > page_count_free() * 3 / 2);
    for (size_t i = 0; i < count; i++) {
        at[i] = space_map(0, size, PROT_NONE, anonymous);
        REQUIRE(at[i] > 0);
        unsigned long stack = (unsigned long)at[i] + PAGE_SIZE;
        REQUIRE(!space_protect(stack, size - PAGE_SIZE, data));
        REQUIRE(model_touch(stack + size - 2 * PAGE_SIZE, FAULT_WRITE));
        REQUIRE(!pt_get(stack + size - 3 * PAGE_SIZE));
    }
    for (size_t i = 0; i < count; i++)
        REQUIRE(!space_unmap((unsigned long)at[i], size));
    model_verify_empty();
}

/* In order, faults get rarer; out of order, each brings a page. */
static void run_fault_around(void) {
    struct machine_plan plan = {.frames = MACHINE_FRAMES, .mapped_end = 900};
    const size_t pages = 3000;
    size_t faults = 0;

    model_start(&plan);
    long at = space_map(0, pages * PAGE_SIZE, data, anonymous);
    REQUIRE(at > 0);
    for (size_t i = 0; i < pages; i++) {
        unsigned long va = (unsigned long)at + i * PAGE_SIZE;
        faults += !pt_get(va);
        REQUIRE(model_touch(va, i % 2 ? FAULT_WRITE : 0));
        REQUIRE(*(uint64_t *)va == 0);
    }
    REQUIRE_SAYING(faults <= 16, "%zu faults", faults);
    REQUIRE(!space_discard((unsigned long)at, pages * PAGE_SIZE, SPACE_NOT_LOCKED));
    size_t before = page_count_free();
    for (size_t i = 0; i < 100; i++)
        REQUIRE(model_touch((unsigned long)at + i * 1999 % pages * PAGE_SIZE, 0));
    size_t used = before - page_count_free();
    REQUIRE_SAYING(used <= 100 + 16, "%zu pages", used);
    REQUIRE(!space_unmap((unsigned long)at, pages * PAGE_SIZE));
    model_verify_empty();
}

/* What one mapping had, the next one never sees; and all of it can be had again. */
static void run_reuse(void) {
    struct machine_plan plan = {.frames = MACHINE_FRAMES, .mapped_end = 900};

    model_start(&plan);
    size_t before = page_count_free();
    for (int round = 0; round < 8; round++) {
        size_t size = random_between(1, 2500) * PAGE_SIZE;
        long at = space_map(0, size, data, anonymous);
        REQUIRE(at > 0 && !space_populate((unsigned long)at, size, SPACE_WRITE));
        for (unsigned long *w = (unsigned long *)at; w < (unsigned long *)(at + (long)size);
             w += 64) {
            REQUIRE(!*w);
            *w = ~0ul;
        }
        REQUIRE(!space_unmap((unsigned long)at, size));
        backing_sweep();
        size_t now = page_count_free();
        REQUIRE_SAYING(now + 16 >= before, "%zu, then %zu", before, now);
    }
}

/* mlock's mark, what it forbids, and mincore's answers. */
static void run_locked(void) {
    uint8_t resident[8];

    start_small();
    unsigned long start = (unsigned long)space_map(0, 6 * PAGE_SIZE, data, anonymous);
    REQUIRE(!space_set_locked(start + PAGE_SIZE, 2 * PAGE_SIZE, SPACE_LOCKED));
    REQUIRE(space_set_locked(start, 7 * PAGE_SIZE, SPACE_LOCKED) == -ENOMEM);
    REQUIRE(space_discard(start, 2 * PAGE_SIZE, SPACE_NOT_LOCKED) == -EINVAL);
    REQUIRE(!space_discard(start + 3 * PAGE_SIZE, PAGE_SIZE, SPACE_NOT_LOCKED));
    REQUIRE(model_touch(start + 4 * PAGE_SIZE, 0));
    REQUIRE(space_residency(start, 8, resident) == 1 && !resident[0]);
    REQUIRE(space_residency(start + 3 * PAGE_SIZE, 2, resident) == 2 && resident[1]);
    REQUIRE(!space_set_locked(start, 6 * PAGE_SIZE, SPACE_UNLOCKED));
    REQUIRE(!space_discard(start, 6 * PAGE_SIZE, SPACE_NOT_LOCKED));
    REQUIRE(space_residency(start, 8, resident) == 6 && !resident[4]);
    REQUIRE(space_residency(start + 6 * PAGE_SIZE, 1, resident) == -ENOMEM);
    space_lock_all(SPACE_LOCKED, SPACE_LOCKED_LAZY); /* what was promised is there */
    REQUIRE(space_residency(start, 6, resident) == 6 && resident[0] && resident[5]);
    REQUIRE(space_locking == SPACE_LOCKED_LAZY);
    REQUIRE(space_discard(start, PAGE_SIZE, SPACE_NOT_LOCKED) == -EINVAL);
    REQUIRE(!space_discard(start, PAGE_SIZE, 0));
    space_lock_all(SPACE_UNLOCKED, SPACE_UNLOCKED);
    REQUIRE(space_locking == SPACE_UNLOCKED);
    REQUIRE(!space_discard(start, PAGE_SIZE, SPACE_NOT_LOCKED));
    REQUIRE(!space_unmap(start, 6 * PAGE_SIZE));
    model_verify_empty();
}

/* What is discarded from shared memory is still in its object, unless that is emptied. */
static void run_shared(void) {
    start_small();
    unsigned long start =
        (unsigned long)space_map(0, 4 * PAGE_SIZE, data, MAP_SHARED | MAP_ANONYMOUS);
    REQUIRE(model_touch(start, FAULT_WRITE));
    REQUIRE(!space_discard(start, 4 * PAGE_SIZE, SPACE_NOT_LOCKED) && pt_get(start));
    REQUIRE(space_discard(start, PAGE_SIZE, SPACE_NOT_SHARED) == -EINVAL);
    REQUIRE(space_check(start, PAGE_SIZE, SPACE_NOT_SHARED) == -EINVAL);
    REQUIRE(!space_discard(start, PAGE_SIZE, SPACE_NOT_PRIVATE) && !pt_get(start));
    unsigned long other =
        (unsigned long)space_map(start + 4 * PAGE_SIZE, PAGE_SIZE, data, anonymous);
    REQUIRE(other == start + 4 * PAGE_SIZE); /* beside it, and not the same mapping */
    REQUIRE(space_discard(start, 5 * PAGE_SIZE, SPACE_NOT_PRIVATE) == -EINVAL);
    REQUIRE(space_remap(start, 5 * PAGE_SIZE, 6 * PAGE_SIZE, MREMAP_MAYMOVE, 0) == -EFAULT);
    REQUIRE(!space_unmap(start, 5 * PAGE_SIZE));
    model_verify_empty();
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
    REQUIRE(space_protect(image(MACHINE_IMAGE), PAGE_SIZE, data) == -EACCES);
    REQUIRE(space_unmap(image(MACHINE_IMAGE), PAGE_SIZE) == -EACCES);
    REQUIRE(space_protect(image(3), ~0ul - 2 * PAGE_SIZE, data) == -ENOMEM);
}

/* The image's data and the stack are mapped like anything else, but their frames are not
 * anybody's. What the runtime needs stays. */
static void run_image_areas(void) {
    struct machine_plan plan = {.frames = 1024, .mapped_end = 200, .hole = 1024};
    unsigned long stack = model_start(&plan) - PAGE_SIZE;
    size_t before = page_count_free();

    REQUIRE(space_unmap(image(0), PAGE_SIZE) == -EACCES);
    REQUIRE(space_protect(image(0), PAGE_SIZE, PROT_NONE) == -EACCES);
    REQUIRE(!space_protect(image(0), PAGE_SIZE, PROT_READ | PROT_EXEC));
    REQUIRE(space_unmap((unsigned long)atman_text_start, PAGE_SIZE) == -EACCES);
    REQUIRE(space_protect((unsigned long)atman_text_start, PAGE_SIZE, data) == -EACCES);
    REQUIRE(space_map(image(MACHINE_SHARED), PAGE_SIZE, data, MAP_FIXED) == -EACCES);
    REQUIRE(space_remap(image(0), PAGE_SIZE, 2 * PAGE_SIZE, MREMAP_MAYMOVE, 0) == -EACCES);

    *(uint64_t *)image(3) = *(uint64_t *)stack = 7;
    REQUIRE(!space_discard(image(2), 4 * PAGE_SIZE, SPACE_NOT_LOCKED) &&
            *(uint64_t *)image(3) == 7);
    REQUIRE(!space_discard(stack, PAGE_SIZE, SPACE_NOT_LOCKED) && !pt_get(stack));
    REQUIRE(model_touch(stack, FAULT_WRITE) && *(uint64_t *)stack == 0);
    REQUIRE(page_count_free() + 1 == before);
    REQUIRE(!space_unmap(image(3), PAGE_SIZE) && !pt_get(image(3)));
    REQUIRE(page_count_free() + 1 == before);
    REQUIRE(space_map(image(3), PAGE_SIZE, data, MAP_FIXED_NOREPLACE) == (long)image(3));
    REQUIRE(model_touch(image(3), FAULT_WRITE) && *(uint64_t *)image(3) == 0);
    REQUIRE(!space_unmap(image(3), PAGE_SIZE) && !space_unmap(stack, PAGE_SIZE));
    REQUIRE(page_count_free() == before);
}

/* The stack grows before anything is mapped, and afterwards, down to its end. */
static void run_stack(void) {
    struct machine_plan plan = {.frames = 1024, .mapped_end = 200, .hole = 1024};
    unsigned long end = model_start(&plan), start = end - MODEL_STACK_SIZE;
    int code;

    REQUIRE(pt_get(end - MODEL_STACK * PAGE_SIZE) && !pt_get(start));
    for (int round = 0; round < 2; round++) {
        unsigned long at = end - (size_t)(10 + 20 * round) * PAGE_SIZE;
        REQUIRE(!pt_get(at) && model_touch(at, FAULT_WRITE) && !*(uint64_t *)at);
        *(uint64_t *)at = 1;
        REQUIRE(space_fault(start - 1, FAULT_WRITE, &code) == SIGSEGV &&
                code == SEGV_MAPERR);
        REQUIRE(space_fault(end, 0, &code) == SIGSEGV && code == SEGV_MAPERR);
        REQUIRE(space_fault(at, FAULT_PRESENT | FAULT_EXECUTE, &code) == SIGSEGV &&
                code == SEGV_ACCERR);
        REQUIRE(space_map(0, PAGE_SIZE, data, anonymous) > 0);
    }
    REQUIRE(!space_check(start, MODEL_STACK_SIZE, 0));
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
SCENARIO(stacks, 1)
SCENARIO(fault_around, 1)
SCENARIO(reuse, 2)
SCENARIO(locked, 1)
SCENARIO(shared, 1)
SCENARIO(image_areas, 1)
SCENARIO(image, 1)
SCENARIO(stack, 1)
SCENARIO(shared_info, 1)
