/* SPDX-License-Identifier: MIT */
/*
 * Cuts a stream of bytes into lines: see lines.h.
 */
#include "lines.h"

static void hand_out(struct lines *lines) {
    struct text *partial = &lines->partial;

    if (partial->length && partial->data[partial->length - 1] == '\r')
        partial->data[--partial->length] = '\0';
    lines->take(lines->context, partial->length ? partial->data : "");
    text_drop(partial, partial->length);
}

void lines_feed(struct lines *lines, const char *bytes, size_t length) {
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] == '\n') {
            hand_out(lines);
            continue;
        }
        if (bytes[i] == '\0')
            continue;
        text_add(&lines->partial, bytes + i, 1);
        if (lines->partial.length == LINES_MAX)
            hand_out(lines);
    }
}

void lines_end(struct lines *lines) {
    if (lines->partial.length)
        hand_out(lines);
    text_free(&lines->partial);
}
