/* SPDX-License-Identifier: MIT */
/* What random calls to the address space are made of, and when they may fail. */
#include "space_calls.h"

#include <errno.h>
#include <sys/mman.h>

#include "mm/internal.h"
#include "mm/page.h"
#include "mm/space.h"
#include "random.h"
#include "require.h"
#include "space_model.h"

enum { MARGIN = 24 /* frames that records and tables may take */ };

static const int protections[] = {0,
                                  PROT_READ,
                                  PROT_WRITE,
                                  PROT_READ | PROT_WRITE,
                                  PROT_READ | PROT_EXEC,
                                  PROT_READ | PROT_WRITE | PROT_EXEC};

int calls_random_protection(void) {
    return random_one_in(2) ? PROT_READ | PROT_WRITE
                            : protections[random_below(ARRAY_SIZE(protections))];
}

size_t calls_to_pages(size_t size) {
    return size / PAGE_SIZE + (size % PAGE_SIZE != 0);
}

size_t calls_random_size(void) {
    size_t size = random_between(1, CALLS_LONGEST) * PAGE_SIZE;

    if (random_one_in(3))
        size -= random_below(PAGE_SIZE);
    if (random_one_in(40))
        size = random_one_in(2) ? 0 : SPACE_END - random_below(3) * PAGE_SIZE;
    if (random_one_in(60))
        size = ~0ul - random_below(2 * PAGE_SIZE);
    return size;
}

unsigned long calls_random_address(void) {
    unsigned long va = model_random_address();

    if (random_one_in(40))
        va += random_between(1, PAGE_SIZE - 1);
    if (random_one_in(60))
        va = random_one_in(2) ? PAGE_SIZE : SPACE_END;
    return va;
}

bool calls_is_range(unsigned long start, size_t size) {
    return !(start % PAGE_SIZE) && size && start >= SPACE_START && start < SPACE_END &&
           calls_to_pages(size) <= (SPACE_END - start) / PAGE_SIZE;
}

bool calls_is_short(long error, size_t pages) {
    return error == -ENOMEM && page_count_free() < pages + space_owed + MARGIN;
}

unsigned long calls_find_gap(size_t pages) {
    for (unsigned long va = MODEL_HEAP_END; model_has(va); va += PAGE_SIZE)
        if (model_is_free(va, pages))
            return va;
    return SPACE_END;
}
