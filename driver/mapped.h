/* SPDX-License-Identifier: MIT */
/* Looking at a file's bytes where they are. */
#ifndef ATMAN_DRIVER_MAPPED_H
#define ATMAN_DRIVER_MAPPED_H

#include <stddef.h>

struct mapped {
    void *at;    /* may only be read */
    size_t size; /* 0: there is nothing to be seen */
};

/* The bytes of the regular file at path, until mapped_end; none of one that is empty,
 * something else, or cannot be read. */
struct mapped mapped_file(const char *path);

void mapped_end(struct mapped file);

#endif
