/* SPDX-License-Identifier: MIT */
/* Counting what wc counts, in a text that comes in pieces. */
#ifndef COUNT_H
#define COUNT_H

#include <stdbool.h>
#include <stddef.h>

struct count {
    unsigned long lines, words, bytes;
    bool in_word; /* the last piece ended within a word */
};

/* Adds a piece to a count, which begins as all zeroes. */
void count_add(struct count *count, const char *piece, size_t length);

#endif
