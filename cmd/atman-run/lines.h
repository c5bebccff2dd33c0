/* SPDX-License-Identifier: MIT */
/*
 * Cuts a stream of bytes into lines. The bytes come from a guest, Xen or QEMU and are
 * untrusted: a line that never ends is handed out in pieces, so memory stays bounded.
 */
#ifndef ATMAN_RUN_LINES_H
#define ATMAN_RUN_LINES_H

#include "text.h"

/* The longest piece that is handed out, in bytes. */
#define LINES_MAX 4096

struct lines {
    struct text partial; /* the line that has begun */
    /* Takes each line as a string without its end ("\n", or "\r\n"). NUL bytes of the
     * stream are left out. */
    void (*take)(void *context, const char *line);
    void *context;
};

/* Feeds length bytes of the stream. */
void lines_feed(struct lines *lines, const char *bytes, size_t length);

/* Hands out what is left of a last line without an end, and frees the buffer. */
void lines_end(struct lines *lines);

#endif
