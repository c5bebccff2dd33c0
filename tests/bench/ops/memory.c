/* SPDX-License-Identifier: MIT */
/* Memory from mmap: the first touch of a page, and mappings that come and go. */
#define _GNU_SOURCE
#include "op.h"

#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>

#define PAGE 4096ul
/* Touches this far apart: whoever maps neighbouring pages ahead gains nothing. */
#define FAR (64 * PAGE)
#define LARGE (64ul << 20)

static volatile char *next;

static volatile char *map(size_t size) {
    /* Without a reservation, for the far touches: most of theirs is never used. */
    void *at = mmap(NULL, size, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (at == MAP_FAILED)
        op_fail("mmap", errno);
    return at;
}

static void unmap(volatile char *at, size_t size) {
    if (munmap((void *)at, size))
        op_fail("munmap", errno);
}

static void touch(unsigned long count, size_t step) {
    while (count--) {
        *next = 1;
        next += step;
    }
}

static void fault_near_prepare(unsigned long count) {
    next = map(count * PAGE);
}

static void fault_near_run(unsigned long count) {
    touch(count, PAGE);
}

static void fault_far_prepare(unsigned long count) {
    next = map(count * FAR);
}

static void fault_far_run(unsigned long count) {
    touch(count, FAR);
}

/* As in any program, the page has a neighbour: its page table is there already. */
static void mmap_page_prepare(unsigned long count) {
    (void)count;
    *map(PAGE) = 1;
}

static void mmap_page_run(unsigned long count) {
    while (count--) {
        volatile char *page = map(PAGE);

        *page = 1;
        unmap(page, PAGE);
    }
}

static void mmap_64m_run(unsigned long count) {
    while (count--) {
        volatile char *at = map(LARGE);

        for (size_t i = 0; i < LARGE; i += PAGE)
            at[i] = 1;
        unmap(at, LARGE);
    }
}

const struct op op_fault_near = {"fault_near",   1, 2048, fault_near_prepare,
                                 fault_near_run, 64};
const struct op op_fault_far = {"fault_far", 1, 2048, fault_far_prepare, fault_far_run, 64};
const struct op op_mmap_page = {"mmap_page", 1, 1000, mmap_page_prepare, mmap_page_run, 10};
const struct op op_mmap_64m = {"mmap_64m", 1, 2, NULL, mmap_64m_run, 1};
