/* SPDX-License-Identifier: MIT */
/*
 * A growing list of words: the command line of a program to run, or any list of strings.
 * The words are copies that the list owns, and words[count] is always NULL once something
 * was pushed, so that `words` can be handed to execv() as it is.
 */
#ifndef ATMAN_DRIVER_ARGV_H
#define ATMAN_DRIVER_ARGV_H

#include <stdbool.h>
#include <stddef.h>

struct argv {
    char **words; /* NULL-terminated; NULL itself while the list is empty and fresh */
    size_t count; /* words, without the NULL */
    size_t room;  /* slots allocated */
};

#define ARGV_EMPTY ((struct argv){NULL, 0, 0})

/* Appends a copy of word. Ends the program when memory is gone (as all functions here). */
void argv_push(struct argv *list, const char *word);

/* Appends a formatted word. */
void argv_pushf(struct argv *list, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Appends copies of all words of a NULL-terminated array; argv_push_all(l, other.words)
 * joins two lists. words may be NULL: nothing is appended. */
void argv_push_all(struct argv *list, char *const *words);

/* Is there a word equal to this one? */
bool argv_has(const struct argv *list, const char *word);

/* Bytes that the list takes in execve()'s argument block: words, their NULs, pointers. */
size_t argv_bytes(const struct argv *list);

/* Frees the words and leaves an empty list, which can be used again. */
void argv_free(struct argv *list);

#endif
