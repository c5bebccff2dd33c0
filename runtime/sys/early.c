/* SPDX-License-Identifier: MIT */
/* The one mapping that every program may make, without what mmap takes to be linked. */
#include <errno.h>

#include "mm/space.h"
#include "sys/calls.h"

long atman_map_early(size_t size) {
    unsigned long end = space_make_early(SPACE_TLS, size);

    return end ? (long)(end - ROUND_UP(size, PAGE_SIZE)) : -ENOMEM;
}
