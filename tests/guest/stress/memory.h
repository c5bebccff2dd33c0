/* SPDX-License-Identifier: MIT */
/*
 * The stress test's memory: each worker maps, protects, moves and unmaps pages that hold
 * what says whose they are, touches what it must not and expects a SIGSEGV; blocks of the
 * heap wander from thread to thread.
 */
#ifndef ATMAN_TESTS_STRESS_MEMORY_H
#define ATMAN_TESTS_STRESS_MEMORY_H

#include "stress/stress.h"

#include <sys/mman.h>

enum page_state { GONE, ZERO, FILLED };

static void on_fault(int number, siginfo_t *info, void *context) {
    (void)number, (void)context;
    if (!self || self->faulty != info->si_addr) {
        printf("unexpected SIGSEGV at %p\n", info->si_addr);
        fflush(stdout);
        _exit(3);
    }
    siglongjmp(self->fault, 1);
}

static void memory_start(void) {
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};

    sigaction(SIGSEGV, &action, NULL);
}

static uint64_t mark(const char *page) {
    return ((uint64_t)page ^ (uint64_t)self) * 0x9e3779b97f4a7c15;
}

static void fill_page(char *page) {
    *(uint64_t *)page = *(uint64_t *)(page + 1000) = mark(page);
    *(uint64_t *)(page + PAGE - 8) = mark(page);
}

static void check_page(const struct region *r, int i) {
    const char *page = r->base + i * PAGE;
    uint64_t wanted = r->state[i] == FILLED ? mark(page) : 0;

    if (r->state[i] == GONE || !(r->rights[i] & PROT_READ))
        return;
    CHECK(*(volatile uint64_t *)page == wanted &&
          *(volatile uint64_t *)(page + 1000) == wanted &&
          *(volatile uint64_t *)(page + PAGE - 8) == wanted);
}

/* Touches a page that it may not touch, in a way that it may not. */
static void touch_wrongly(const struct region *r, int i) {
    char *place = r->base + i * PAGE + below(PAGE);

    /* where nothing is, something of another thread's may be */
    if (r->state[i] == GONE || r->rights[i] == (PROT_READ | PROT_WRITE))
        return;
    if (!sigsetjmp(self->fault, 1)) {
        self->faulty = place;
        if (r->rights[i] == PROT_NONE && below(2))
            (void)*(volatile char *)place;
        else
            *(volatile char *)place = 1;
        CHECK(!"the access went through");
    }
    self->faulty = NULL;
}

static void map_region(struct region *r) {
    size_t size = REGION_PAGES * PAGE;
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | (below(4) ? 0 : MAP_POPULATE);
    char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, -1, 0);

    if (p == MAP_FAILED) {
        CHECK_EQUAL(errno, ENOMEM);
        return;
    }
    r->base = p;
    memset(r->state, ZERO, sizeof r->state);
    memset(r->rights, PROT_READ | PROT_WRITE, sizeof r->rights);
}

static void change(struct region *r, int from, int count) {
    static const int choices[] = {PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE};
    char *start_of = r->base + from * PAGE;
    size_t size = (size_t)count * PAGE;
    int rights = choices[below(3)], what = (int)below(4);

    for (int i = from; i < from + count; i++)
        if (r->state[i] == GONE)
            return;
    if (what == 0)
        CHECK_EQUAL(munmap(start_of, size), 0);
    else if (what == 1)
        CHECK_EQUAL(madvise(start_of, size, MADV_DONTNEED), 0);
    else
        CHECK_EQUAL(mprotect(start_of, size, rights), 0);
    for (int i = from; i < from + count; i++) {
        if (what < 2)
            r->state[i] = what == 0 ? GONE : ZERO;
        else
            r->rights[i] = (unsigned char)rights;
    }
}

static void use_region(void) {
    struct region *r = &self->regions[below(REGIONS)];
    int from = (int)below(REGION_PAGES),
        count = 1 + (int)below(REGION_PAGES - (unsigned)from);

    if (!r->base) {
        map_region(r);
        return;
    }
    switch (below(5)) {
    case 0:
        change(r, from, count);
        break;
    case 1:
        touch_wrongly(r, from);
        break;
    case 2:
        for (int i = from; i < from + count; i++)
            if (r->state[i] != GONE && r->rights[i] == (PROT_READ | PROT_WRITE)) {
                fill_page(r->base + i * PAGE);
                r->state[i] = FILLED;
            }
        break;
    case 3:
        for (int i = 0; i < REGION_PAGES; i++)
            check_page(r, i);
        break;
    default:
        if (below(4))
            break;
        for (int i = 0; i < REGION_PAGES; i++) {
            check_page(r, i);
            if (r->state[i] != GONE)
                CHECK_EQUAL(munmap(r->base + i * PAGE, PAGE), 0);
        }
        r->base = NULL;
    }
}

struct block {
    size_t size;
    uint64_t seed;
    unsigned char bytes[];
};

static struct block *volatile wandering[16];

static struct block *make_block(void) {
    static const unsigned sizes[] = {16, 200, 3000, 70000};
    size_t size = below(sizes[below(4)]);
    struct block *b = malloc(sizeof *b + size);

    if (!b)
        return NULL;
    b->size = size;
    b->seed = next_random(&self->random);
    for (size_t i = 0; i < size; i += size / 20 + 1)
        b->bytes[i] = (unsigned char)(b->seed + i);
    return b;
}

static void free_block(struct block *b) {
    int wrong = 0;

    if (!b)
        return;
    for (size_t i = 0; i < b->size; i += b->size / 20 + 1)
        wrong += b->bytes[i] != (unsigned char)(b->seed + i);
    CHECK_EQUAL(wrong, 0);
    memset(b, 0xff, sizeof *b + b->size);
    free(b);
}

static void use_heap(void) {
    unsigned i = below(BLOCKS);

    free_block(self->blocks[i]);
    self->blocks[i] = below(3) ? make_block() : NULL;
    if (below(2))
        self->blocks[i] = __atomic_exchange_n(&wandering[below(LENGTH(wandering))],
                                              self->blocks[i], __ATOMIC_ACQ_REL);
}

#endif
