/* SPDX-License-Identifier: MIT */
/*
 * 80 % of the domain's memory can be had with malloc, used, given back, and had again,
 * twenty times over and in blocks of many sizes; at the end as much is free as before.
 */
// stdout-from: checks
// case: 64 MiB
// memory: 64M
// args: 64 20 7
// case: 4 MiB
// memory: 4M
// args: 4 20 3
// case: 1 GiB
// memory: 1G
// args: 1024 2 2
#include <stdlib.h>
#include <sys/sysinfo.h>

#include "check.h"

enum { PAGE = 4096, STEP = 1024 /* bytes from one mark to the next */ };

/*
 * The C library maps the first three one by one; the others share its groups, which take
 * some more memory than the blocks in them.
 */
static const size_t sizes[] = {
    1 /* all at once */, 1000000, 200000, 40000, 8100, 130000, 2000};

/* A block begins with a link to the one before it; the rest is marked. */
struct block {
    struct block *below;
    size_t size;
};

static unsigned long *marks(struct block *b) {
    return (unsigned long *)(b + 1);
}

static size_t mark_count(const struct block *b) {
    return (b->size - sizeof *b) / sizeof(long);
}

static void mark(struct block *b, unsigned long with) {
    for (size_t i = 0; i < mark_count(b); i += STEP / sizeof(long))
        marks(b)[i] = with ^ (unsigned long)&marks(b)[i];
    marks(b)[mark_count(b) - 1] = with;
}

static int is_marked(struct block *b, unsigned long with) {
    if (marks(b)[mark_count(b) - 1] != with)
        return 0;
    for (size_t i = 0; i + STEP / sizeof(long) < mark_count(b); i += STEP / sizeof(long))
        if (marks(b)[i] != (with ^ (unsigned long)&marks(b)[i]))
            return 0;
    return 1;
}

static unsigned long free_memory(void) {
    struct sysinfo info;

    CHECK_EQUAL(sysinfo(&info), 0);
    return info.freeram * info.mem_unit;
}

/* Blocks of one size, together total bytes. */
static void fill(size_t total, size_t size, unsigned round) {
    struct block *top = NULL;
    size_t blocks = 0, good = 0;

    for (; (blocks + 1) * size <= total; blocks++) {
        struct block *b = malloc(size);
        if (!CHECK(b != NULL)) {
            printf("    %zu of %zu bytes, in blocks of %zu\n", blocks * size, total, size);
            break;
        }
        *b = (struct block){top, size};
        mark(b, blocks + round);
        top = b;
    }
    for (size_t i = blocks; i-- > 0;) {
        struct block *below = top->below;
        good += is_marked(top, i + round);
        free(top);
        top = below;
    }
    CHECK_EQUAL(good, blocks);
}

int main(int argc, char **argv) {
    size_t memory = argc > 1 ? strtoul(argv[1], NULL, 10) << 20 : 0;
    unsigned rounds = argc > 2 ? (unsigned)atoi(argv[2]) : 0;
    unsigned kinds = argc > 3 ? (unsigned)atoi(argv[3]) : 0;
    struct sysinfo info;

    CHECK_EQUAL(sysinfo(&info), 0);
    CHECK_EQUAL(info.totalram * info.mem_unit, memory);
    CHECK(info.freeram * info.mem_unit > memory / 10 * 8);
    unsigned long before = 0;
    for (unsigned round = 0; round < rounds; round++) {
        size_t size = sizes[round % kinds];
        fill(memory / 10 * 8, size == 1 ? memory / 10 * 8 : size, round);
        if (round == kinds) /* what the C library keeps, it has by now */
            before = free_memory();
    }
    CHECK(free_memory() + 16 * PAGE >= before);
    return checks_end();
}
