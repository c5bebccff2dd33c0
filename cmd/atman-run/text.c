/* SPDX-License-Identifier: MIT */
/*
 * A growing run of bytes: see text.h.
 */
#include "text.h"

#include "memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void text_add(struct text *text, const void *bytes, size_t length) {
    if (text->room - text->length <= length) {
        size_t room = text->room ? text->room : 256;

        while (room - text->length <= length)
            room *= 2;
        text->data = must_resize(text->data, room, 1);
        text->room = room;
    }
    if (length)
        memcpy(text->data + text->length, bytes, length);
    text->length += length;
    text->data[text->length] = '\0';
}

void text_adds(struct text *text, const char *string) {
    text_add(text, string, strlen(string));
}

void text_addf(struct text *text, const char *format, ...) {
    va_list args;
    char *string;

    va_start(args, format);
    string = must_format_va(format, args);
    va_end(args);
    text_adds(text, string);
    free(string);
}

void text_drop(struct text *text, size_t length) {
    if (length == 0)
        return;
    text->length -= length;
    memmove(text->data, text->data + length, text->length + 1);
}

void text_free(struct text *text) {
    free(text->data);
    *text = TEXT_EMPTY;
}
