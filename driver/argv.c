/* SPDX-License-Identifier: MIT */
/*
 * The list of words: see argv.h. One function adds a word, so the closing NULL and the
 * ownership of the words are kept in one place.
 */
#include "argv.h"

#include "memory.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Takes ownership of word. */
static void push_owned(struct argv *list, char *word) {
    if (list->count + 2 > list->room) {
        list->room = list->room ? list->room * 2 : 32;
        list->words = must_resize(list->words, list->room, sizeof *list->words);
    }
    list->words[list->count++] = word;
    list->words[list->count] = NULL;
}

void argv_push(struct argv *list, const char *word) {
    push_owned(list, must_copy(word));
}

void argv_pushf(struct argv *list, const char *format, ...) {
    va_list args;

    va_start(args, format);
    push_owned(list, must_format_va(format, args));
    va_end(args);
}

void argv_push_all(struct argv *list, char *const *words) {
    for (; words && *words; words++)
        argv_push(list, *words);
}

bool argv_has(const struct argv *list, const char *word) {
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->words[i], word) == 0)
            return true;
    return false;
}

size_t argv_bytes(const struct argv *list) {
    size_t bytes = sizeof(char *);

    for (size_t i = 0; i < list->count; i++)
        bytes += strlen(list->words[i]) + 1 + sizeof(char *);
    return bytes;
}

void argv_free(struct argv *list) {
    for (size_t i = 0; i < list->count; i++)
        free(list->words[i]);
    free(list->words);
    *list = ARGV_EMPTY;
}
