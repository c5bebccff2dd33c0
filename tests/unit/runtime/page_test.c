/* SPDX-License-Identifier: MIT */
/*
 * mm/page.c and pv/pagetable.c on the fake machine. Whoever holds a page has marked its
 * contents, so a page that is handed out twice, or written to while it is somebody's, is
 * noticed. Invariants: nobody gets Xen's frames or those in use from the start, pages come
 * zeroed and writable, the count of free ones is right, and all that is given back can be
 * had again.
 */
#include "mm/page.h"

#include "machine/machine.h"
#include "random.h"
#include "require.h"
#include "scenario.h"
#include "test.h"

enum holder { NOBODY, START, TEST_OWN };

/* page.c's: pages that are held back while there is more to map, and the largest step. */
enum { RESERVE = 4, STEP = 512 };

static struct machine_plan plan;
static uint8_t holder[MACHINE_FRAMES];
static pfn_t held[MACHINE_FRAMES];
static size_t held_count, tables_at_start;

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
    REQUIRE(!machine_is_stale());
}

static pfn_t start(struct machine_plan with) {
    plan = with;
    pfn_t first = machine_start(&plan);
    for (pfn_t pfn = 0; pfn < plan.frames; pfn++)
        holder[pfn] = pfn < first || pfn - plan.hole < plan.hole_size ? START : NOBODY;
    tables_at_start = machine_count_tables();
    page_init(first, plan.mapped_end, plan.frames, plan.frames);
    REQUIRE(page_count() == plan.frames);
    for (pfn_t pfn = 0; pfn < plan.frames; pfn++)
        REQUIRE(page_is_given(pfn) == (pfn >= first));
    return first;
}

static bool allocate(void) {
    const uint64_t *page = page_take();

    if (!page)
        return false;
    pfn_t pfn = pt_direct_pfn(page);
    REQUIRE_SAYING(pfn < plan.frames, "frame %lu of %zu", pfn, plan.frames);
    REQUIRE_SAYING(holder[pfn] == NOBODY, "frame %lu is held by %d", pfn, holder[pfn]);
    REQUIRE((pt_get((unsigned long)page) & PTE_READ_WRITE) == PTE_READ_WRITE);
    REQUIRE(!machine_count_mappings(pfn) && machine_count_writable(pfn) == 1);
    for (unsigned i = 0; i < PT_ENTRIES; i++)
        REQUIRE(!page[i]);
    holder[pfn] = TEST_OWN;
    mark(pfn);
    held[held_count++] = pfn;
    return true;
}

static void give_back(size_t which) {
    pfn_t pfn = held[which];

    check_mark(pfn);
    held[which] = held[--held_count];
    holder[pfn] = NOBODY;
    page_give(pt_direct(pfn));
}

/*
 * Every frame is somebody's, a table, or free; of those that are not mapped yet, some will
 * be tables. Nothing is lost and nothing is counted twice.
 */
static void check_count(void) {
    size_t used = held_count + machine_count_tables() - tables_at_start;
    size_t all = 0, most = MACHINE_FRAMES / PT_ENTRIES + 1;

    for (pfn_t pfn = 0; pfn < plan.frames; pfn++)
        all += holder[pfn] != START;
    size_t known = used + page_count_free();
    REQUIRE_SAYING(known <= all && known + most >= all, "%zu used, %zu free: of %zu", used,
                   page_count_free(), all);
}

/* Takes all there are. The count said how many. */
static void exhaust(void) {
    size_t promised = page_count_free(), before = held_count;

    while (allocate())
        check_count();
    size_t got = held_count - before;
    REQUIRE_SAYING(got <= promised + 1 && got + 2 >= promised, "%zu of %zu", got, promised);
    REQUIRE(!page_count_free());
    check_all_marks();
}

static void shuffle(void) {
    for (size_t i = held_count; i > 1; i--) {
        size_t other = random_below(i);
        pfn_t pfn = held[other];
        held[other] = held[i - 1];
        held[i - 1] = pfn;
    }
}

static void give_back_all(void) {
    while (held_count)
        give_back(held_count - 1);
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
        REQUIRE_SAYING(held_count == most, "%zu, then %zu", most, held_count);
    }
}

static void run_random(void) {
    start(machine_random_plan());
    for (int phase = 0; phase < 12; phase++) {
        unsigned free_percent = (unsigned)random_between(20, 70);
        for (int i = 0; i < 600; i++) {
            if (held_count && random_below(100) < free_percent)
                give_back(random_below(held_count));
            else if (random_one_in(40))
                page_prepare(random_below(700));
            else
                allocate();
            check_count();
        }
        check_all_marks();
    }
    give_back_all();
}

/* What was prepared comes without a change of page tables. */
static void run_prepare(void) {
    start(machine_random_plan());
    while (page_count_free() > STEP + RESERVE) {
        size_t count = random_below(MIN(page_count_free() - RESERVE, (size_t)STEP));
        page_prepare(count);
        size_t tables = machine_count_tables();
        for (; count; count--)
            REQUIRE(allocate());
        REQUIRE(machine_count_tables() == tables);
        check_count();
    }
    exhaust();
}

/* Pages can be mapped a second time, which takes tables; then memory is gone. */
static void run_map_all(void) {
    unsigned long va = 0x210000000000, step = PAGE_SIZE << random_below(12);

    start(machine_random_plan());
    while (allocate()) {
        pfn_t pfn = held[held_count - 1];
        if (pt_set(va, pt_entry(pfn, PTE_READ_WRITE)) < 0)
            break;
        pt_commit();
        REQUIRE(*(volatile uint64_t *)va == mark_of(pfn));
        va += step;
    }
    pt_commit();
    check_count();
    exhaust();
}

/*
 * A stretch of pages queued together: some of its tables are new and come filled, in
 * others entries change. Then all of it goes, and everything is there again.
 */
static void run_stretch(void) {
    unsigned long from = 0x210000000000 + random_below(1024) * PAGE_SIZE;
    struct machine_plan with = {.frames = MACHINE_FRAMES, .mapped_end = 900};
    size_t count = random_between(1, 1500);

    start(with);
    for (size_t i = 0; i < count; i++) {
        REQUIRE(allocate());
        REQUIRE(!pt_set(from + i * PAGE_SIZE, pt_entry(held[i], PTE_READ_WRITE)));
        if (random_one_in(600))
            pt_commit();
    }
    pt_commit();
    for (size_t i = 0; i < count; i++)
        REQUIRE(*(volatile uint64_t *)(from + i * PAGE_SIZE) == mark_of(held[i]));
    for (unsigned long va = from; va < from + count * PAGE_SIZE;) {
        unsigned long region_end = ROUND_DOWN(va, pt_span(2)) + pt_span(2);
        pte_t *entries = pt_unhook(va, 2);
        REQUIRE(entries && !pt_unhook(va, 2));
        for (; va < MIN(region_end, from + count * PAGE_SIZE); va += PAGE_SIZE)
            REQUIRE(pt_frame(entries[pt_index(va, 1)]) == held[(va - from) / PAGE_SIZE]);
        page_give(entries);
    }
    for (unsigned level = 3; level <= PT_LEVELS; level++)
        page_give(pt_unhook(from, level));
    check_count();
    give_back_all();
    exhaust();
}

#define SCENARIO(title, count)                                                             \
    TEST(title) {                                                                          \
        CHECK(scenario_run(#title, run_##title, count, random_seed()));                    \
    }

SCENARIO(take_and_give_all, 8)
SCENARIO(random, 8)
SCENARIO(prepare, 10)
SCENARIO(map_all, 10)
SCENARIO(stretch, 10)
