/* SPDX-License-Identifier: MIT */
/*
 * mm/page.c and pv/pagetable.c on the fake machine. Whoever holds a frame has marked its
 * contents, so a frame that is handed out twice, or written to while it is somebody's,
 * is noticed. Invariants: nobody gets Xen's frames or those in use from the start,
 * kernel pages come zeroed, the count of free frames is right, and all that is given back
 * can be had again.
 */
#include "mm/page.h"

#include "machine/machine.h"
#include "random.h"
#include "require.h"
#include "scenario.h"
#include "test.h"

enum holder { NOBODY, START, PROGRAM, KERNEL };

enum { RESERVE = 8 }; /* page.c's: kernel pages that are held back */

static struct machine_plan plan;
static uint8_t holder[MACHINE_FRAMES];
static pfn_t held[MACHINE_FRAMES];   /* the program's frames */
static pfn_t kernel[MACHINE_FRAMES]; /* the kernel's, but for tables */
static size_t held_count, kernel_count, tables_at_start;

static uint64_t mark_of(pfn_t pfn) {
    return (pfn + 1) * 0x9e3779b97f4a7c15;
}

static void mark(pfn_t pfn) {
    uint64_t *words = machine_frame(pfn);

    words[0] = words[1] = words[PT_ENTRIES - 1] = mark_of(pfn);
}

static void check_mark(pfn_t pfn) {
    const uint64_t *words = machine_frame(pfn);

    REQUIRE_SAYING(words[0] == mark_of(pfn) && words[1] == mark_of(pfn) &&
                       words[PT_ENTRIES - 1] == mark_of(pfn),
                   "frame %lu was written to", pfn);
}

static void check_all_marks(void) {
    for (size_t i = 0; i < held_count; i++)
        check_mark(held[i]);
    for (size_t i = 0; i < kernel_count; i++)
        check_mark(kernel[i]);
    REQUIRE(!machine_is_stale());
}

static pfn_t start(struct machine_plan with) {
    plan = with;
    pfn_t first = machine_start(&plan);
    for (pfn_t pfn = 0; pfn < plan.frames; pfn++)
        holder[pfn] = pfn < first || pfn - plan.hole < plan.hole_size ? START : NOBODY;
    tables_at_start = machine_count_tables();
    page_init(first, plan.mapped_end, plan.frames);
    REQUIRE(page_count() == plan.frames);
    return first;
}

static void take(pfn_t pfn, enum holder who) {
    REQUIRE_SAYING(pfn < plan.frames, "frame %lu of %zu", pfn, plan.frames);
    REQUIRE_SAYING(holder[pfn] == NOBODY, "frame %lu is held by %d", pfn, holder[pfn]);
    bool direct = pt_get((unsigned long)pt_direct(pfn)) & PTE_WRITE;
    REQUIRE_SAYING(!machine_count_mappings(pfn) && machine_count_writable(pfn) == direct,
                   "frame %lu is still mapped", pfn);
    holder[pfn] = (uint8_t)who;
    mark(pfn);
}

static bool allocate(void) {
    pfn_t pfn = page_alloc();

    if (pfn == PFN_NONE)
        return false;
    take(pfn, PROGRAM);
    held[held_count++] = pfn;
    return true;
}

static bool allocate_kernel(void) {
    const uint64_t *page = page_alloc_kernel();

    if (!page)
        return false;
    for (unsigned i = 0; i < PT_ENTRIES; i++)
        REQUIRE(!page[i]);
    REQUIRE((pt_get((unsigned long)page) & PTE_READ_WRITE) == PTE_READ_WRITE);
    take(pt_direct_pfn(page), KERNEL);
    kernel[kernel_count++] = pt_direct_pfn(page);
    return true;
}

static void give_back_kernel(size_t which) {
    pfn_t pfn = kernel[which];

    check_mark(pfn);
    kernel[which] = kernel[--kernel_count];
    holder[pfn] = NOBODY;
    page_free_kernel(pt_direct(pfn));
}

static void give_back(size_t which) {
    pfn_t pfn = held[which];

    check_mark(pfn);
    held[which] = held[--held_count];
    holder[pfn] = NOBODY;
    page_free(pfn);
}

/*
 * Every frame is somebody's, a table, free, or in the reserve, which the count of free
 * ones leaves out. Nothing is lost and nothing is counted twice.
 */
static void check_count(void) {
    size_t used = held_count + kernel_count + machine_count_tables() - tables_at_start;
    size_t all = 0;

    for (pfn_t pfn = 0; pfn < plan.frames; pfn++)
        all += holder[pfn] != START;
    size_t known = used + page_count_free();
    REQUIRE_SAYING(known <= all && known + RESERVE >= all, "%zu used, %zu free: of %zu",
                   used, page_count_free(), all);
}

/* Takes program frames until there are none. The count said how many. */
static void exhaust(void) {
    size_t promised = page_count_free(), before = held_count;

    while (allocate())
        check_count();
    size_t got = held_count - before;
    REQUIRE_SAYING(got == promised, "%zu of %zu free frames", got, promised);
    REQUIRE(page_alloc() == PFN_NONE);
    check_all_marks();
}

static void shuffle(void) {
    for (size_t i = held_count; i > 1; i--) {
        size_t other = random_below(i);
        pfn_t pfn = held[i - 1];
        held[i - 1] = held[other];
        held[other] = pfn;
    }
}

static void give_back_all(void) {
    while (held_count)
        give_back(held_count - 1);
    while (kernel_count)
        give_back_kernel(kernel_count - 1);
    check_all_marks();
    check_count();
}

static void run_take_and_give_all(void) {
    start(machine_random_plan());
    exhaust();
    size_t most = held_count;
    for (int round = 0; round < 4; round++) {
        if (round & 1)
            shuffle();
        give_back_all();
        exhaust();
        size_t tables = machine_count_tables() - tables_at_start;
        REQUIRE_SAYING(held_count + tables + RESERVE >= most, "%zu, then %zu", most,
                       held_count);
    }
}

static void run_random(void) {
    start(machine_random_plan());
    for (int phase = 0; phase < 12; phase++) {
        unsigned kernel_one_in = (unsigned)random_between(2, 60);
        unsigned free_percent = (unsigned)random_between(20, 70);
        for (int i = 0; i < 600; i++) {
            if (held_count && random_below(100) < free_percent)
                give_back(random_below(held_count));
            else if (kernel_count && random_one_in(kernel_one_in * 2))
                give_back_kernel(random_below(kernel_count));
            else if (random_one_in(kernel_one_in))
                allocate_kernel();
            else
                allocate();
            check_count();
        }
        check_all_marks();
    }
    give_back_all();
}

/* The kernel gets what the program left, all of it, wherever Xen's list lies. */
static void run_kernel_takes_rest(void) {
    start(machine_random_plan());
    for (size_t n = random_one_in(2) ? 0 : random_below(page_count_free() + 1); n; n--)
        allocate();
    size_t promised = page_count_free();
    while (allocate_kernel())
        check_count();
    size_t got = kernel_count + machine_count_tables() - tables_at_start;
    REQUIRE_SAYING(got + RESERVE >= promised, "%zu of %zu free frames", got, promised);
    check_all_marks();
    while (allocate())
        ;
    check_all_marks();
}

/* The program takes all when the kernel has just, or nearly, come to its reserve. */
static void run_program_at_reserve(void) {
    struct machine_plan with = machine_random_plan();

    if (random_one_in(2))
        with.hole = with.mapped_end;
    pfn_t first = start(with);
    size_t spare = plan.mapped_end - first;
    for (size_t n = spare - MIN(spare, (size_t)RESERVE + random_below(4)); n; n--)
        allocate_kernel();
    exhaust();
    while (allocate_kernel())
        ;
    check_count();
    exhaust();
    give_back_all();
    exhaust();
}

/* The kernel gets what was a program's before, frames from all over memory. */
static void run_kernel_takes_freed(void) {
    start(machine_random_plan());
    exhaust();
    shuffle();
    size_t rest = random_below(held_count);
    while (held_count > rest)
        give_back(held_count - 1);
    size_t promised = page_count_free(), tables = machine_count_tables();
    while (allocate_kernel())
        check_count();
    size_t got = kernel_count + machine_count_tables() - tables;
    REQUIRE_SAYING(got + RESERVE + 1 >= promised, "%zu of %zu free frames", got, promised);
    check_all_marks();
    give_back_all();
    exhaust();
}

/* What page_alloc gives out can be mapped, which takes tables; then memory is gone. */
static void run_map_all(void) {
    struct pt_batch batch = {0};
    unsigned long va = 0x210000000000, step = PAGE_SIZE << random_below(12);

    start(machine_random_plan());
    while (allocate()) {
        pfn_t pfn = held[held_count - 1];
        if (pt_set(&batch, va, pt_entry(pfn, PTE_READ_WRITE)) < 0)
            break;
        pt_commit(&batch);
        REQUIRE(*(volatile uint64_t *)va == mark_of(pfn));
        va += step;
    }
    check_count();
    exhaust();
}

#define SCENARIO(title, count)                                                             \
    TEST(title) {                                                                          \
        CHECK(scenario_run(#title, run_##title, count, random_seed()));                    \
    }

SCENARIO(take_and_give_all, 8)
SCENARIO(random, 8)
SCENARIO(kernel_takes_rest, 30)
SCENARIO(program_at_reserve, 40)
SCENARIO(kernel_takes_freed, 15)
SCENARIO(map_all, 10)
