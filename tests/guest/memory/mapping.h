/* SPDX-License-Identifier: MIT */
/* Shorthands for tests of mmap and its family: sizes in pages, anonymous private memory. */
#ifndef ATMAN_TESTS_MAPPING_H
#define ATMAN_TESTS_MAPPING_H

#include <stddef.h>
#include <sys/mman.h>

#define PAGE 4096ul
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

/* MAP_FAILED if there is not the memory. */
static inline char *map(size_t pages, int prot) {
    return mmap(NULL, pages * PAGE, prot, ANON, -1, 0);
}

/* An address at which `pages` pages are free, with free pages beside them. */
static inline char *find_free(size_t pages) {
    char *p = map(pages + 2, PROT_NONE);

    munmap(p, (pages + 2) * PAGE);
    return p + PAGE;
}

static inline int is_filled(const char *p, size_t size, char with) {
    for (size_t i = 0; i < size; i++)
        if (p[i] != with)
            return 0;
    return 1;
}

#endif
