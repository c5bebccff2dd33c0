/* SPDX-License-Identifier: MIT */
/* A text that is made as a whole and then read piece by piece: a file of /proc's. */
#ifndef ATMAN_FS_TEXT_H
#define ATMAN_FS_TEXT_H

#include "fs/transfer.h"

struct text_page;

/* {0} is an empty one. */
struct text {
    struct text_page *first, *last;
    size_t size;
    char *line;  /* room for one piece, or NULL */
    bool failed; /* there was no memory: it is not whole */
};

/* As base/format.h has it; a piece of at most a page. */
void text_add(struct text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void text_put(struct text *text, const void *bytes, size_t size);

/* From position on, as much as is wanted and there. */
long text_read(const struct text *text, struct transfer *to, int64_t position);

/* It is empty again, and holds no memory. */
void text_free(struct text *text);

/* The number whose decimal digits are value's octal ones. */
unsigned long text_octal(unsigned value);

#endif
