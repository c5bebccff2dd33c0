/* SPDX-License-Identifier: MIT */
/*
 * Thousands of random mmap, munmap, mprotect, mremap and madvise calls on a window of
 * addresses, against a model that knows of every page whether it is mapped, with what
 * rights, and what is in it. In the tight case memory runs out all the time: a call that
 * fails must have changed nothing but what it said it would replace.
 */
// process: no: it asks a guest for what only a guest is
// native:
// stdout-from: checks
// case: memory enough
// case: memory tight
// memory: 1200K
#define _GNU_SOURCE
#include "model.h"

#include <sys/sysinfo.h>

enum { OPERATIONS = 6000 /* twice */ };

static unsigned out_of_memory;

static int is_tight;

static int random_prot(void) {
    static const int prots[] = {RW, RW, RW, PROT_READ, PROT_NONE};

    return prots[random_below(5)];
}

/* Nobody promises memory to what begins without access: where it is tight, a touch after
 * mprotect might be SIGBUS. */
static int random_new_prot(void) {
    int prot = random_prot();

    return is_tight && !prot ? PROT_READ : prot;
}

static int failed_for_memory(const void *p) {
    if (p != MAP_FAILED || errno != ENOMEM)
        return 0;
    out_of_memory++;
    return 1;
}

/* Where a call failed that had to replace what was there, nothing certain is known. */
static void forget(struct range r) {
    CHECK_EQUAL(munmap(at(r), r.count * PAGE), 0);
    set(r, (struct page){0});
}

static void do_fixed(void) {
    struct range r = random_range(LONGEST);
    int prot = random_new_prot();
    char *p = mmap(at(r), r.count * PAGE, prot, ANON | MAP_FIXED, -1, 0);

    if (failed_for_memory(p)) {
        forget(r);
        return;
    }
    CHECK_EQUAL(p, at(r));
    set(r, (struct page){1, prot, 0});
}

static void do_no_replace(void) {
    struct range r = random_range(LONGEST);
    int prot = random_new_prot();
    char *p = mmap(at(r), r.count * PAGE, prot, ANON | MAP_FIXED_NOREPLACE, -1, 0);

    if (failed_for_memory(p))
        return;
    if (!is_mapped(r, 0)) {
        CHECK(p == MAP_FAILED && errno == EEXIST);
        return;
    }
    CHECK_EQUAL(p, at(r));
    set(r, (struct page){1, prot, 0});
}

/* May come out anywhere that is free, within the window too. */
static void do_anywhere(void) {
    struct range r = random_range(LONGEST);
    char *p = mmap(at(r), r.count * PAGE, RW, ANON, -1, 0);

    if (failed_for_memory(p))
        return;
    CHECK(p != MAP_FAILED);
    if (is_mapped(r, 0))
        CHECK_EQUAL(p, at(r));
    for (size_t i = 0; i < r.count; i++) {
        size_t page = (size_t)(p - window) / PAGE + i;
        CHECK(page >= WINDOW || !model[page].mapped);
        CHECK_EQUAL(*(volatile long *)(p + i * PAGE), 0);
    }
    CHECK_EQUAL(munmap(p, r.count * PAGE), 0);
}

static void do_unmap(void) {
    struct range r = random_range(LONGEST);

    CHECK_EQUAL(munmap(at(r), r.count * PAGE), 0);
    set(r, (struct page){0});
}

static void do_protect(void) {
    struct range r = random_range(LONGEST);
    int prot = random_prot();
    int result = mprotect(at(r), r.count * PAGE, prot);

    if (!is_mapped(r, 1)) {
        CHECK(result == -1 && errno == ENOMEM);
        while (r.count && !is_mapped(r, 1)) /* what is before the hole may have changed */
            r.count--;
        result = r.count ? mprotect(at(r), r.count * PAGE, prot) : 0;
    }
    if (result == -1 && errno == ENOMEM) {
        out_of_memory++;
        forget(r);
        return;
    }
    CHECK_EQUAL(result, 0);
    for (size_t i = 0; i < r.count; i++)
        model[r.first + i].prot = prot;
}

static void do_discard(void) {
    struct range r = random_range(LONGEST);

    if (!is_mapped(r, 1))
        return;
    CHECK_EQUAL(madvise(at(r), r.count * PAGE, MADV_DONTNEED), 0);
    for (size_t i = 0; i < r.count; i++)
        model[r.first + i].contents = 0;
}

static void do_write(void) {
    struct range r = random_range(LONGEST);

    for (size_t i = 0; i < r.count; i++)
        if (model[r.first + i].mapped && model[r.first + i].prot & PROT_WRITE)
            write_page(r.first + i);
}

/* A range with the same rights throughout, which is what mremap takes. */
static int random_remappable(struct range *r) {
    *r = random_range(LONGEST);
    for (size_t i = 1; i < r->count; i++)
        if (model[r->first + i].prot != model[r->first].prot || !model[r->first + i].mapped)
            r->count = i;
    return model[r->first].mapped;
}

/*
 * Neighbours that were mapped apart may be kept apart, for reasons that cannot be seen:
 * EFAULT, though the model has them as one.
 */
static int is_apart(const void *p) {
    return p == MAP_FAILED && errno == EFAULT;
}

static void do_shrink(void) {
    struct range r;

    if (!random_remappable(&r))
        return;
    size_t kept = 1 + random_below(r.count);
    char *p = mremap(at(r), r.count * PAGE, kept * PAGE, random_below(2));
    if (is_apart(p))
        return;
    CHECK_EQUAL(p, at(r));
    set((struct range){r.first + kept, r.count - kept}, (struct page){0});
}

static void do_grow_in_place(void) {
    struct range r;

    if (!random_remappable(&r))
        return;
    struct range more = {r.first + r.count, 1 + random_below(8)};
    struct page as = {1, model[r.first].prot, 0};
    char *p = mremap(at(r), r.count * PAGE, (r.count + more.count) * PAGE, 0);
    if (is_apart(p))
        return;
    if (more.first + more.count > WINDOW || !is_mapped(more, 0)) {
        CHECK(p == MAP_FAILED && errno == ENOMEM);
    } else if (!failed_for_memory(p)) {
        CHECK_EQUAL(p, at(r));
        set(more, as);
    }
}

static void do_move(void) {
    struct range r, to;

    if (!random_remappable(&r))
        return;
    to = random_range(LONGEST);
    struct page old[LONGEST], rest = {1, model[r.first].prot, 0};
    memcpy(old, &model[r.first], r.count * sizeof *old);
    int overlap = to.first < r.first + r.count && r.first < to.first + to.count;
    char *p = mremap(at(r), r.count * PAGE, to.count * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
                     at(to));
    if (overlap) {
        CHECK(p == MAP_FAILED && errno == EINVAL);
        return;
    }
    if (is_apart(p) || failed_for_memory(p)) {
        forget(to); /* unmapped before anybody looked, and what is to go of the other */
        forget(r);
        return;
    }
    CHECK_EQUAL(p, at(to));
    set(r, (struct page){0});
    for (size_t i = 0; i < to.count; i++)
        model[to.first + i] = i < r.count ? old[i] : rest;
}

/* Grows to a place of the kernel's choice, and comes back to where it was. */
static void do_move_anywhere(void) {
    struct range r;

    if (!random_remappable(&r))
        return;
    size_t larger = r.count + random_below(40);
    char *p = mremap(at(r), r.count * PAGE, larger * PAGE, MREMAP_MAYMOVE);
    if (is_apart(p) || failed_for_memory(p))
        return;
    CHECK(p != MAP_FAILED);
    if (p == at(r)) { /* there was room */
        struct range more = {r.first + r.count, larger - r.count};
        CHECK(!more.count || (more.first + more.count <= WINDOW && is_mapped(more, 0)));
        if (more.count)
            CHECK_EQUAL(munmap(at(more), more.count * PAGE), 0);
        return;
    }
    char *back =
        mremap(p, larger * PAGE, r.count * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, at(r));
    CHECK_EQUAL(back, at(r));
}

static void run(void) {
    static void (*const actions[])(void) = {
        do_fixed,         do_no_replace, do_anywhere,      do_unmap, do_protect,
        do_discard,       do_write,      do_write,         do_write, do_shrink,
        do_grow_in_place, do_move,       do_move_anywhere,
    };

    for (unsigned i = 0; i < OPERATIONS && checks_failed < 10; i++) {
        unsigned before = checks_failed;
        size_t action = random_below(sizeof actions / sizeof *actions);
        actions[action]();
        if (i % 100 == 99)
            check_all();
        if (checks_failed != before)
            printf("    after operation %u, kind %zu\n", i, action);
    }
    check_all();
    forget((struct range){0, WINDOW});
}

static unsigned long free_memory(void) {
    struct sysinfo info;

    CHECK_EQUAL(sysinfo(&info), 0);
    return info.freeram * info.mem_unit;
}

int main(void) {
    char *walls = map(WINDOW + 2, PROT_NONE); /* what grows cannot leave the window */

    is_tight = free_memory() < 2 << 20;
    window = walls + PAGE;
    CHECK_EQUAL(munmap(window, WINDOW * PAGE), 0);
    random_start();
    uint64_t seed = random_state;
    run();
    unsigned long left = free_memory();
    memset(model, 0, sizeof model);
    random_state = seed; /* the same again takes nothing more */
    run();
#ifdef __atman__
    CHECK_EQUAL(free_memory(), left);
#else
    (void)left;
#endif
    printf("%u operations wanted more memory than there was\n", out_of_memory);
    return checks_end();
}
