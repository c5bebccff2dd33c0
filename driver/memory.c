/* SPDX-License-Identifier: MIT */
/*
 * Allocation that ends the program instead of failing: see memory.h.
 */
#include "memory.h"

#include "message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *must(void *memory) {
    if (!memory) {
        message(NULL, "out of memory");
        exit(1);
    }
    return memory;
}

char *must_copy(const char *text) {
    return must(strdup(text));
}

char *must_copy_part(const char *text, size_t length) {
    char *copy = must(malloc(length + 1));

    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

char *must_format_va(const char *format, va_list args) {
    char *text = NULL;

    if (vasprintf(&text, format, args) < 0)
        text = NULL;
    return must(text);
}

char *must_format(const char *format, ...) {
    char *text;
    va_list args;

    va_start(args, format);
    text = must_format_va(format, args);
    va_end(args);
    return text;
}

void *must_resize(void *old, size_t count, size_t size) {
    /* realloc(p, 0) may return NULL without having failed. */
    return must(reallocarray(old, count ? count : 1, size));
}
