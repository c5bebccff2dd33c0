/* SPDX-License-Identifier: MIT */
/*
 * A growing run of bytes: what is collected, queued or put together here. data[length] is
 * always NUL once something was added, so that text can be handed on as a string.
 */
#ifndef ATMAN_RUN_TEXT_H
#define ATMAN_RUN_TEXT_H

#include <stdarg.h>
#include <stddef.h>

struct text {
    char *data;    /* NULL while empty and fresh */
    size_t length; /* bytes, without the NUL */
    size_t room;   /* bytes allocated */
};

#define TEXT_EMPTY ((struct text){NULL, 0, 0})

/* Appends length bytes. Ends the program when memory is gone (as all functions here). */
void text_add(struct text *text, const void *bytes, size_t length);

/* Appends a string. */
void text_adds(struct text *text, const char *string);

/* Appends what printf would print. */
void text_addf(struct text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Removes length bytes (at most all) from the front. */
void text_drop(struct text *text, size_t length);

/* Frees the bytes and leaves an empty text, which can be used again. */
void text_free(struct text *text);

#endif
