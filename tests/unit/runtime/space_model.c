/* SPDX-License-Identifier: MIT */
/* The model's pages, and the comparison of the runtime's state with them. */
#include "space_model.h"

#include <signal.h>
#include <sys/mman.h>

#include "mm/area.h"
#include "mm/backing.h"
#include "mm/internal.h"
#include "mm/page.h"
#include "mm/space.h"
#include "pv/trap.h"
#include "random.h"
#include "require.h"

enum {
    ALL = 2 * MODEL_HEAP + MODEL_MAPPINGS + MODEL_LAST,
    CROWDED = 300, /* pages of the mappings' window that are asked for by address */
    RECORDS = 8,   /* frames that area.c may have taken */
    TABLES = MACHINE_FRAMES / PT_ENTRIES + 1, /* that the direct map may still take */
};

static const struct window {
    unsigned long start;
    size_t pages, first; /* first: its place in the array */
} windows[] = {
    {SPACE_START, 2 * MODEL_HEAP, 0},
    {MODEL_HEAP_END, MODEL_MAPPINGS, 2 * MODEL_HEAP},
    {SPACE_END - MODEL_LAST * PAGE_SIZE, MODEL_LAST, 2 * MODEL_HEAP + MODEL_MAPPINGS},
};

static struct model_page pages[ALL];
static size_t tables_at_start, free_at_start;

unsigned long model_start(const struct machine_plan *plan) {
    pfn_t stack = machine_start(plan), first = stack + MODEL_STACK;

    page_init(first, plan->mapped_end, plan->frames, plan->frames);
    unsigned long stack_end = space_make_stack(MODEL_STACK_SIZE, stack, MODEL_STACK);
    REQUIRE(stack_end);
    tables_at_start = machine_count_tables();
    free_at_start = page_count_free();
    for (size_t i = 0; i < ALL; i++)
        pages[i].prot = MODEL_NONE;
    return stack_end;
}

static struct model_page *find(unsigned long va) {
    for (size_t i = 0; i < ARRAY_SIZE(windows); i++)
        if (va - windows[i].start < windows[i].pages * PAGE_SIZE)
            return &pages[windows[i].first + (va - windows[i].start) / PAGE_SIZE];
    return NULL;
}

static unsigned long address_of(size_t index) {
    const struct window *w = &windows[ARRAY_SIZE(windows) - 1];

    while (w->first > index)
        w--;
    return w->start + (index - w->first) * PAGE_SIZE;
}

bool model_has(unsigned long va) {
    return find(va);
}

struct model_page *model_at(unsigned long va) {
    struct model_page *page = find(va);

    REQUIRE_SAYING(page, "0x%lx is in no window; are they too small?", va);
    return page;
}

unsigned long model_random_address(void) {
    if (random_one_in(2))
        return MODEL_HEAP_END + random_below(CROWDED) * PAGE_SIZE;
    if (random_one_in(2))
        return SPACE_END - random_between(1, MODEL_LAST) * PAGE_SIZE;
    return SPACE_START + random_below(MODEL_HEAP) * PAGE_SIZE;
}

bool model_is_free(unsigned long start, size_t count) {
    for (; count; count--, start += PAGE_SIZE)
        if (model_has(start) && model_at(start)->prot != MODEL_NONE)
            return false;
    return true;
}

bool model_is_mapped(unsigned long start, size_t count, const struct model_page *like) {
    for (; count; count--, start += PAGE_SIZE) {
        const struct model_page *page = model_has(start) ? model_at(start) : NULL;
        if (!page || page->prot == MODEL_NONE)
            return false;
        if (like && (page->prot != like->prot || page->charged != like->charged))
            return false;
    }
    return true;
}

void model_set(unsigned long start, size_t count, int prot, bool charged) {
    for (; count; count--, start += PAGE_SIZE)
        if (prot != MODEL_NONE || model_has(start))
            *model_at(start) = (struct model_page){prot, charged, 0};
}

void model_clear(unsigned long start, size_t size) {
    for (size_t i = 0; i < ALL; i++)
        if (address_of(i) >= start && address_of(i) - start < size)
            pages[i].tag = 0;
}

bool model_touch(unsigned long va, unsigned access) {
    int code = 0, signal = 0;

    if (!(pt_get(va) & PTE_PRESENT))
        signal = space_fault(va + random_below(PAGE_SIZE), access, &code);
    REQUIRE_SAYING(!signal || (signal == SIGBUS && code == BUS_ADRERR), "signal %d",
                   signal);
    REQUIRE(signal || pt_get(va) & PTE_PRESENT);
    return !signal;
}

size_t model_count(void) {
    size_t count = 0;

    for (size_t i = 0; i < ALL; i++)
        count += pages[i].prot != MODEL_NONE;
    return count;
}

/* The areas are in order, neighbours alike are one, and those of the space have nothing but
 * the windows' pages. */
static void verify_areas(void) {
    const struct area *last = NULL;
    size_t listed = 0, owed = 0;

    for (const struct area *a = area_find(0); a; last = a, a = area_next(a)) {
        REQUIRE_SAYING(!last || last->end < a->start ||
                           (last->end == a->start &&
                            (last->prot != a->prot || last->flags != a->flags)),
                       "areas at 0x%lx and 0x%lx", last->start, a->start);
        if (a->flags & AREA_CHARGED)
            owed += backing_count_missing(a->start, a->end);
        if (a->start < SPACE_START)
            continue;
        for (unsigned long va = a->start; va < a->end; va += PAGE_SIZE, listed++)
            REQUIRE_SAYING(model_at(va)->prot == a->prot &&
                               model_at(va)->charged == !!(a->flags & AREA_CHARGED),
                           "0x%lx has %d, not %d", va, a->prot, model_at(va)->prot);
    }
    REQUIRE(listed == model_count());
    REQUIRE_SAYING(owed == space_owed, "%zu pages are owed, not %zu", owed, space_owed);
}

static void verify_contents(const uint64_t *words, uint64_t tag, bool thorough,
                            unsigned long va) {
    const size_t step = thorough ? 1 : PT_ENTRIES - 1;

    for (size_t i = 0; i < PT_ENTRIES; i += step)
        REQUIRE_SAYING(words[i] == tag, "word %zu at 0x%lx is 0x%llx, not 0x%llx", i, va,
                       (unsigned long long)words[i], (unsigned long long)tag);
}

/* A page with contents is there; one that may not be accessed keeps what it has. */
static void verify_page(const struct model_page *page, unsigned long va, bool thorough) {
    pte_t pte = pt_get(va);
    bool mapped = page->prot != MODEL_NONE, accessible = mapped && page->prot;

    if (!pte) {
        REQUIRE_SAYING(!mapped || !page->tag, "the contents of 0x%lx are lost", va);
        return;
    }
    REQUIRE_SAYING(mapped, "0x%lx is free and has a frame", va);
    REQUIRE_SAYING(accessible == (bool)(pte & PTE_PRESENT),
                   "0x%lx has protection %d and the entry 0x%lx", va, page->prot, pte);
    pfn_t pfn = pt_frame(pte);
    REQUIRE_SAYING(machine_count_mappings(pfn) == accessible, "frame %lu: %u times", pfn,
                   machine_count_mappings(pfn));
    verify_contents(machine_frame(pfn), page->tag, thorough, va);
    if (!accessible)
        return;
    REQUIRE_SAYING(!(page->prot & PROT_WRITE) == !(pte & PTE_WRITE), "0x%lx", va);
    REQUIRE_SAYING(!(page->prot & PROT_EXEC) == !machine_is_executable(va), "0x%lx", va);
    if (random_one_in(8))
        verify_contents((const uint64_t *)va, page->tag, thorough, va);
}

/* No frame is at two places; all are somewhere. Some are records, or in the reserve. */
static void verify_frames(void) {
    static uint8_t seen[MACHINE_FRAMES];
    size_t held = 0;

    for (size_t i = 0; i < sizeof seen; i++)
        seen[i] = 0;
    for (size_t i = 0; i < ALL; i++) {
        pte_t pte = pt_get(address_of(i));
        if (!pte)
            continue;
        REQUIRE_SAYING(!seen[pt_frame(pte)], "frame %lu is at two places", pt_frame(pte));
        seen[pt_frame(pte)] = 1;
        held++;
    }
    size_t known = held + machine_count_tables() - tables_at_start + page_count_free();
    REQUIRE_SAYING(known <= free_at_start + TABLES &&
                       known + RECORDS + TABLES >= free_at_start,
                   "%zu of %zu frames are known", known, free_at_start);
}

void model_verify(bool thorough) {
    verify_areas();
    for (size_t i = 0; i < ALL; i++)
        verify_page(&pages[i], address_of(i), thorough);
    verify_frames();
    REQUIRE(!machine_is_stale());
}

void model_verify_empty(void) {
    backing_sweep();
    REQUIRE(!space_owed);
    REQUIRE(!area_find(SPACE_START));
    for (unsigned long va = SPACE_START; va < SPACE_END; va += pt_span(PT_LEVELS))
        REQUIRE_SAYING(!pt_find(va, PT_LEVELS - 1), "a table is left at 0x%lx", va);
}
