/* SPDX-License-Identifier: MIT */
/* Reading an archive for tests: what its entries say, as text. */
#ifndef ATMAN_TEST_ARCHIVES_H
#define ATMAN_TEST_ARCHIVES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct listing {
    char *text; /* a line an entry; the caller frees */
    int error;
    char name[4096]; /* at the error */
    const char *reason;
    unsigned number;
};

/* piece: 0: the archive is in memory; else it comes in pieces of at most so many bytes, all
 * of another address. With times, the entries' times are told. */
struct archive;

/* The same by another reader. */
typedef int reader(struct archive *archive, const void *data, size_t size);
struct listing list_by(reader *read, const void *data, size_t size, bool times);

struct listing list_archive(const void *data, size_t size, size_t piece, bool times);

#endif
