/* SPDX-License-Identifier: MIT */
/*
 * mm/object.c and fs/cache.c with all that is below them on the fake machine: random
 * mappings of files, and changes of the files themselves, against a model of both. A page's
 * contents are one number, its tag, at its beginning and its end; a hole's tag is 0.
 */
#include "mm/object.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>

#include "fs/cache.h"
#include "mm/area.h"
#include "mm/backing.h"
#include "mm/internal.h"
#include "mm/page.h"
#include "pv/trap.h"
#include "random.h"
#include "require.h"
#include "scenario.h"
#include "space_model.h"
#include "test.h"

enum {
    FILES = 3,
    FILE_PAGES = 80, /* numbers that are in use */
    PAGES = 1024,    /* of the window */
    CROWDED = 200,   /* of which these are asked for by address */
    MOST = 400,      /* mapped at a time */
    LONGEST = 24,    /* pages of one mapping */
    LAST = PT_ENTRIES - 1,
    MARGIN = 32, /* frames that tables, records and the reserve may take */
    NONE = -1,   /* not mapped */
    ANONYMOUS = FILES,
};

static const unsigned long base = MODEL_HEAP_END;

static struct file {
    struct cache cache; /* the first member */
    int references;
    unsigned long limit;
    uint64_t tag[FILE_PAGES];
} files[FILES];

static struct page {
    int file; /* NONE, ANONYMOUS or one of the files */
    unsigned long index;
    bool shared, charged, read_only, own; /* own: has a copy */
    int prot;
    uint64_t tag; /* of its own */
} pages[PAGES];

static const struct page unmapped = {.file = NONE};

static void ref(struct object *object) {
    ((struct file *)object)->references++;
}

static void unref(struct object *object) {
    REQUIRE(((struct file *)object)->references--);
}

static long punch(struct object *object, unsigned long first, unsigned long end) {
    struct file *f = (struct file *)object;

    cache_drop(&f->cache, first, end, false);
    for (; first < end && first < FILE_PAGES; first++)
        f->tag[first] = 0;
    return 0;
}

static const struct object_ops operations = {
    .page = cache_page, .ref = ref, .unref = unref, .punch = punch};

/* --- comparing --------------------------------------------------------------------- */

static unsigned long address(size_t page) {
    return base + page * PAGE_SIZE;
}

/* There may be too little memory for so many pages. */
static bool is_short(size_t count) {
    return page_count_free() < count + space_owed + MARGIN;
}

static bool is_beyond(const struct page *p) {
    return p->file < FILES && !p->own && p->index >= files[p->file].limit;
}

static uint64_t tag_of(const struct page *p) {
    if (p->own || p->file == ANONYMOUS)
        return p->own ? p->tag : 0;
    return p->index < FILE_PAGES ? files[p->file].tag[p->index] : 0;
}

static void verify_page(const struct page *p, unsigned long va) {
    pte_t pte = pt_get(va);

    if (!pte) {
        REQUIRE_SAYING(!p->own || !p->tag, "the copy at 0x%lx is lost", va);
        return;
    }
    REQUIRE_SAYING(p->file != NONE, "0x%lx is free and has an entry", va);
    REQUIRE_SAYING(!p->prot == !(pte & PTE_PRESENT), "0x%lx", va);
    bool objects = pte & PTE_OBJECT;
    REQUIRE_SAYING(objects == (p->file < FILES && !p->own), "0x%lx: 0x%lx", va, pte);
    const uint64_t *words = machine_frame(pt_frame(pte));
    REQUIRE_SAYING(words[0] == tag_of(p) && words[LAST] == tag_of(p),
                   "0x%lx has 0x%llx, not 0x%llx", va, (unsigned long long)words[0],
                   (unsigned long long)tag_of(p));
    bool writable = p->prot & PROT_WRITE && (p->shared || !objects);
    REQUIRE_SAYING(!(pte & PTE_PRESENT) || writable == !!(pte & PTE_WRITE), "0x%lx: 0x%lx",
                   va, pte);
    if (objects) {
        REQUIRE_SAYING(!is_beyond(p), "0x%lx has a page beyond the end", va);
        REQUIRE(machine_frame(pt_frame(pte)) ==
                machine_frame(pt_direct_pfn(cache_find(&files[p->file].cache, p->index))));
    }
}

static void verify_areas(void) {
    size_t owed = 0, mappings[FILES] = {0};

    for (const struct area *a = area_find(0); a; a = area_next(a)) {
        const struct area *next = area_next(a);
        REQUIRE(!next || a->end < next->start ||
                (a->end == next->start &&
                 (a->prot != next->prot || a->flags != next->flags ||
                  a->object != next->object || a->origin != next->origin)));
        if (a->flags & AREA_CHARGED)
            owed += backing_count_missing(a->start, a->end);
        if (a->object)
            mappings[(struct file *)a->object - files]++;
        for (unsigned long va = a->start; a->start >= base && va < a->end;
             va += PAGE_SIZE) {
            REQUIRE(va < address(PAGES));
            const struct page *p = &pages[(va - base) / PAGE_SIZE];
            REQUIRE_SAYING(p->file != NONE && p->prot == a->prot &&
                               p->shared == !!(a->flags & AREA_SHARED) &&
                               p->charged == !!(a->flags & AREA_CHARGED),
                           "0x%lx", va);
            REQUIRE(p->file < FILES ? a->object == &files[p->file].cache.object &&
                                          area_page_number(a, va) == p->index
                                    : !a->object);
        }
    }
    REQUIRE_SAYING(owed == space_owed, "%zu are owed, not %zu", owed, space_owed);
    for (size_t i = 0; i < FILES; i++) {
        REQUIRE(files[i].cache.object.mappings == mappings[i]);
        REQUIRE(files[i].references == !!mappings[i]);
    }
}

static void verify_files(void) {
    for (struct file *f = files; f < files + FILES; f++) {
        size_t count = 0;
        for (unsigned long i = 0; i < FILE_PAGES; i++) {
            const uint64_t *page = cache_find(&f->cache, i);
            count += !!page;
            REQUIRE(page ? page[0] == f->tag[i] && page[LAST] == f->tag[i] : !f->tag[i]);
        }
        REQUIRE(count == f->cache.pages);
    }
}

static void verify(void) {
    verify_areas();
    verify_files();
    for (size_t i = 0; i < PAGES; i++)
        verify_page(&pages[i], address(i));
    REQUIRE(!machine_is_stale());
}

/* --- one call each ----------------------------------------------------------------- */

static int random_protection(void) {
    static const int kinds[] = {PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE, PROT_READ,
                                0, PROT_WRITE};

    return kinds[random_below(ARRAY_SIZE(kinds))];
}

static size_t random_place(void) {
    return random_below(CROWDED);
}

static void set(size_t at, size_t count, const struct page *like) {
    for (size_t i = 0; i < count; i++) {
        pages[at + i] = *like;
        pages[at + i].index += i;
    }
}

static size_t count_mapped(void) {
    size_t count = 0;

    for (size_t i = 0; i < PAGES; i++)
        count += pages[i].file != NONE;
    return count;
}

static void do_map(void) {
    size_t at = random_place(), count = random_between(1, LONGEST);
    struct page p = {.file = (int)random_below(FILES + 1),
                     .index = random_below(FILE_PAGES - LONGEST),
                     .shared = random_one_in(2),
                     .prot = random_protection()};
    int flags = MAP_FIXED | (p.shared ? MAP_SHARED : MAP_PRIVATE);
    long is;

    if (p.file == ANONYMOUS) {
        p.shared = false;
        is = space_map(address(at), count * PAGE_SIZE, p.prot,
                       MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS);
        p.charged = p.prot;
    } else {
        p.read_only = p.shared && !(p.prot & PROT_WRITE) && random_one_in(3);
        flags |= p.read_only ? SPACE_READ_ONLY : 0;
        is = space_map_object(address(at), count * PAGE_SIZE, p.prot, flags,
                              &files[p.file].cache.object, p.index);
        p.charged = !p.shared && p.prot & PROT_WRITE;
    }
    if (is == (long)address(at)) {
        set(at, count, &p);
        return;
    }
    REQUIRE_SAYING(is == -ENOMEM && is_short(count), "%ld", is);
    if (space_check(address(at), count * PAGE_SIZE, 0))
        set(at, count, &unmapped);
}

static void do_unmap(void) {
    size_t at = random_place(), count = random_between(1, LONGEST);
    long is = space_unmap(address(at), count * PAGE_SIZE);

    REQUIRE(!is || is_short(0));
    if (!is)
        set(at, count, &unmapped);
}

/* How many pages from at on, at most count, are mapped. */
static size_t mapped_from(size_t at, size_t count) {
    size_t n = 0;

    while (n < count && pages[at + n].file != NONE)
        n++;
    return n;
}

static void do_protect(void) {
    size_t at = random_place(), count = mapped_from(at, random_between(1, LONGEST));
    int prot = random_protection();
    bool refused = false;

    if (!count)
        return;
    for (size_t i = at; i < at + count; i++)
        refused |= pages[i].read_only && prot & PROT_WRITE;
    long is = space_protect(address(at), count * PAGE_SIZE, prot);
    if (is == -ENOMEM && is_short(count))
        is = space_protect(address(at), count * PAGE_SIZE, prot);
    if (is == -ENOMEM && is_short(count)) /* perhaps in part: no, nothing is changed */
        return;
    REQUIRE_SAYING(is == (refused ? -EACCES : 0), "%ld", is);
    for (size_t i = at; i < at + count && !is; i++)
        pages[i].prot = prot;
}

static void write_frame(pte_t pte, uint64_t tag) {
    uint64_t *words = machine_frame(pt_frame(pte));

    words[0] = words[LAST] = tag;
}

/* The program reads or writes. */
static void do_touch(void) {
    size_t at = random_place();
    struct page *p = &pages[at];
    bool write = random_one_in(2);
    int code = 0, signal = 0;
    unsigned long va = address(at);
    pte_t pte = pt_get(va);

    if (p->file == NONE || !p->prot || (write && !(p->prot & PROT_WRITE)))
        return;
    if (!(pte & PTE_PRESENT) || (write && !(pte & PTE_WRITE)) || random_one_in(8))
        signal = space_fault(va + 8, write ? FAULT_WRITE : 0, &code);
    if (signal) {
        REQUIRE(signal == SIGBUS);
        REQUIRE_SAYING(is_beyond(p) ? code == BUS_OBJERR
                                    : code == BUS_ADRERR && is_short(1),
                       "code %d, beyond %d, shared %d, write %d, %zu free, %zu owed", code,
                       is_beyond(p), p->shared, write, page_count_free(), space_owed);
        return;
    }
    REQUIRE_SAYING(!is_beyond(p), "a page beyond the end at 0x%lx", va);
    pte = pt_get(va);
    REQUIRE(pte & PTE_PRESENT && (!write || pte & PTE_WRITE));
    if (p->file == ANONYMOUS && !p->own) {
        p->own = true;
        p->tag = 0;
    }
    if (!write)
        return;
    uint64_t tag = random_next();
    write_frame(pte, tag);
    if (p->shared) {
        files[p->file].tag[p->index] = tag;
    } else {
        p->own = true;
        p->tag = tag;
    }
}

static void do_write_file(void) {
    struct file *f = &files[random_below(FILES)];
    unsigned long index = random_below(FILE_PAGES);
    uint64_t *page = cache_get(&f->cache, index);

    if (!page) {
        REQUIRE(is_short(1));
        return;
    }
    page[0] = page[LAST] = f->tag[index] = random_next();
    if (index >= f->limit) {
        f->limit = index + 1;
        cache_set_size(&f->cache, f->limit * PAGE_SIZE - random_below(PAGE_SIZE));
    }
}

static void forget_copies(const struct file *f, unsigned long first) {
    for (size_t i = 0; i < PAGES; i++)
        if (pages[i].file == f - files && pages[i].index >= first)
            pages[i].own = false;
}

static void do_resize(void) {
    struct file *f = &files[random_below(FILES)];
    unsigned long limit = random_below(FILE_PAGES + 1);

    cache_set_size(&f->cache, limit * PAGE_SIZE);
    if (limit < f->limit) {
        cache_drop(&f->cache, limit, CACHE_END, true);
        forget_copies(f, limit);
        for (unsigned long i = limit; i < FILE_PAGES; i++)
            f->tag[i] = 0;
    }
    f->limit = limit;
}

static void do_punch(void) {
    struct file *f = &files[random_below(FILES)];
    unsigned long first = random_below(FILE_PAGES);

    punch(&f->cache.object, first, MIN(first + random_between(1, 20), (size_t)FILE_PAGES));
}

static void do_discard(void) {
    size_t at = random_place(), count = mapped_from(at, random_between(1, LONGEST));

    REQUIRE(!space_discard(address(at), count * PAGE_SIZE, SPACE_NOT_LOCKED));
    for (size_t i = at; i < at + count; i++)
        pages[i].own = false;
}

/* MADV_REMOVE. */
static void do_remove(void) {
    size_t at = random_place(), count = mapped_from(at, random_between(1, LONGEST));
    long wanted = 0;

    for (size_t i = at; i < at + count && !wanted; i++) {
        const struct page *p = &pages[i];
        wanted = p->file == ANONYMOUS                    ? -EINVAL
                 : !p->shared || !(p->prot & PROT_WRITE) ? -EACCES
                                                         : 0;
    }
    if (wanted) /* what is before that may be done */
        return;
    REQUIRE(!space_discard(address(at), count * PAGE_SIZE,
                           SPACE_NOT_LOCKED | SPACE_NOT_PRIVATE));
}

static bool is_alike(const struct page *p, const struct page *first, size_t n) {
    return p->file == first->file && p->prot == first->prot && p->shared == first->shared &&
           p->charged == first->charged && p->read_only == first->read_only &&
           (p->file == ANONYMOUS || p->index == first->index + n);
}

static void move_model(size_t old, size_t old_count, size_t new, size_t new_count) {
    static struct page kept[LONGEST];
    struct page more = pages[old];

    for (size_t i = 0; i < old_count; i++)
        kept[i] = pages[old + i];
    set(old, old_count, &unmapped);
    more.own = false;
    set(new, new_count, &more);
    for (size_t i = 0; i < MIN(old_count, new_count); i++)
        pages[new + i] = kept[i];
}

static void do_remap(void) {
    size_t old = random_place(), count = 0, most = random_between(1, LONGEST);
    size_t new = random_place(), new_count = random_between(1, LONGEST);
    bool fixed = random_one_in(2);

    if (pages[old].file == NONE)
        return;
    while (count < most && is_alike(&pages[old + count], &pages[old], count))
        count++;
    if (random_one_in(8))
        count = 0;
    if (fixed && new <= old + count && old < new + new_count)
        return;
    bool possible = count || (pages[old].shared && pages[old].file < FILES);
    struct page like = pages[old];
    long is = space_remap(address(old), count * PAGE_SIZE, new_count * PAGE_SIZE,
                          MREMAP_MAYMOVE | (fixed ? MREMAP_FIXED : 0), address(new));
    if (is > 0) {
        REQUIRE(possible && (!fixed || is == (long)address(new)));
        new = ((unsigned long)is - base) / PAGE_SIZE;
        if (count)
            move_model(old, count, new, new_count);
        else
            set(new, new_count, &like);
        return;
    }
    REQUIRE_SAYING(possible ? is == -ENOMEM && is_short(new_count) : is == -EINVAL, "%ld",
                   is);
    if (fixed && possible && space_check(address(new), new_count * PAGE_SIZE, 0))
        set(new, new_count, &unmapped);
    if (new_count < count && possible && space_check(address(old), count * PAGE_SIZE, 0))
        set(old + new_count, count - new_count, &unmapped);
}

static void do_populate(void) {
    size_t at = random_place(), count = mapped_from(at, random_between(1, LONGEST));
    enum space_access access = (enum space_access)random_below(3);
    long is = space_populate(address(at), count * PAGE_SIZE, access), wanted = 0;

    for (size_t i = at; i < at + count && !wanted; i++) {
        struct page *p = &pages[i];
        pte_t pte = pt_get(address(i));
        bool write = !p->shared && p->prot & PROT_WRITE && access != SPACE_READ;
        if (access == SPACE_WRITE ? !(p->prot & PROT_WRITE) : access && !p->prot)
            wanted = -EINVAL;
        else if (p->prot && is_beyond(p))
            wanted = -EFAULT;
        else if (p->prot && !is)
            REQUIRE(pte && (!write || !(pte & PTE_OBJECT)));
    }
    for (size_t i = at; i < at + count; i++)
        if (pt_get(address(i)) && !(pt_get(address(i)) & PTE_OBJECT) && !pages[i].own) {
            pages[i].tag = tag_of(&pages[i]);
            pages[i].own = true;
        }
    REQUIRE_SAYING(is == wanted || (is == -ENOMEM && is_short(count)), "%ld, not %ld", is,
                   wanted);
}

static void do_residency(void) {
    size_t at = random_place(), count = mapped_from(at, 8);
    uint8_t resident[8];

    for (size_t i = 0; i < count;) {
        long n = space_residency(address(at + i), count - i, resident);
        REQUIRE(n > 0);
        for (long k = 0; k < n; k++, i++) {
            const struct page *p = &pages[at + i];
            bool there = p->file < FILES && !is_beyond(p) &&
                         cache_find(&files[p->file].cache, p->index);
            REQUIRE(resident[k] == (pt_get(address(at + i)) || there));
        }
    }
}

/* A page that came by a call that gave memory at once is a copy as well. */
static void learn_copies(void) {
    for (size_t i = 0; i < PAGES; i++) {
        pte_t pte = pt_get(address(i));
        if (pte && !(pte & PTE_OBJECT) && !pages[i].own && pages[i].file != NONE) {
            pages[i].tag = tag_of(&pages[i]);
            pages[i].own = true;
        }
    }
}

static void start(const struct machine_plan *plan) {
    model_start(plan);
    for (size_t i = 0; i < PAGES; i++)
        pages[i] = unmapped;
    for (size_t i = 0; i < FILES; i++) {
        files[i] = (struct file){.references = 0};
        cache_init_object(&files[i].cache, &operations);
    }
}

static void finish(size_t before) {
    REQUIRE(!space_unmap(base, PAGES * PAGE_SIZE));
    for (size_t i = 0; i < FILES; i++) {
        REQUIRE(!files[i].references);
        cache_free(&files[i].cache);
        REQUIRE(!files[i].cache.pages);
    }
    backing_sweep();
    REQUIRE(!space_owed);
    size_t now = page_count_free();
    REQUIRE_SAYING(now + 12 >= before, "%zu of %zu pages are free", now, before);
}

static void run_calls(const struct machine_plan *plan, int calls) {
    static void (*const kinds[])(void) = {
        do_map,        do_map,      do_map,      do_unmap,   do_protect, do_touch,
        do_touch,      do_touch,    do_touch,    do_touch,   do_touch,   do_write_file,
        do_write_file, do_resize,   do_punch,    do_discard, do_remove,  do_remap,
        do_remap,      do_populate, do_residency};

    start(plan);
    size_t before = page_count_free();
    for (int i = 0; i < calls; i++) {
        while (count_mapped() > MOST)
            do_unmap();
        kinds[random_below(ARRAY_SIZE(kinds))]();
        learn_copies();
        verify();
    }
    finish(before);
}

static void run_with_much_memory(void) {
    struct machine_plan plan = {.frames = MACHINE_FRAMES, .mapped_end = 900};

    run_calls(&plan, 3000);
}

static void run_with_little_memory(void) {
    struct machine_plan plan = machine_random_plan();

    plan.frames = random_between(256, 400);
    plan.mapped_end = random_between(64, 256);
    plan.hole = plan.mapped_end + random_below(plan.frames - plan.mapped_end + 1);
    plan.hole_size = random_below(MIN(8ul, plan.frames - plan.hole + 1));
    run_calls(&plan, 3000);
}

/* A full file leaves what the program was promised. */
static void run_full(void) {
    struct machine_plan plan = {.frames = 1024, .mapped_end = 200, .hole = 1024};
    unsigned long i = 0;

    start(&plan);
    size_t before = page_count_free();
    long at =
        space_map(0, 300 * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);
    REQUIRE(at > 0);
    while (cache_get(&files[0].cache, i * 65))
        i++;
    REQUIRE_SAYING(i > 200 && files[0].cache.pages == i, "%lu pages", i);
    for (unsigned long va = (unsigned long)at; va < (unsigned long)at + 300 * PAGE_SIZE;
         va += PAGE_SIZE)
        REQUIRE(model_touch(va, FAULT_WRITE));
    REQUIRE(!space_owed);
    finish(before);
}

/* What is promised to an object is there in the end. */
static void run_promised(void) {
    struct machine_plan plan = {.frames = 1024, .mapped_end = 200, .hole = 1024};
    struct cache *c = &files[0].cache;
    unsigned long i = 0;

    start(&plan);
    size_t before = page_count_free();
    REQUIRE(cache_promise(&files[1].cache, 2000) == -ENOMEM);
    REQUIRE(!cache_promise(c, 300) && space_owed == 300);
    while (cache_get(&files[2].cache, i))
        i++;
    REQUIRE(i > 200 && !cache_get(c, 300));
    for (i = 0; i < 300; i++)
        REQUIRE(cache_get(c, i));
    REQUIRE(!space_owed);
    cache_drop(c, 100, 200, false);
    REQUIRE(space_owed == 100);
    finish(before);
}

TEST(with_much_memory) {
    CHECK(scenario_run("much", run_with_much_memory, 6, random_seed()));
}

TEST(with_little_memory) {
    CHECK(scenario_run("little", run_with_little_memory, 10, random_seed()));
}

TEST(full) {
    CHECK(scenario_run("full", run_full, 1, 0));
}

TEST(promised) {
    CHECK(scenario_run("promised", run_promised, 1, 0));
}
