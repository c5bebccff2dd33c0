/* SPDX-License-Identifier: MIT */
/*
 * Allocation for short-lived commands. When memory is gone none of them can do anything
 * useful, so these functions print one line and end the program with status 1 instead of
 * returning an error. What they return belongs to the caller, who frees it with free().
 */
#ifndef ATMAN_DRIVER_MEMORY_H
#define ATMAN_DRIVER_MEMORY_H

#include <stdarg.h>
#include <stddef.h>

/* A copy of text. */
char *must_copy(const char *text);

/* A copy of the first length bytes of text, which are not checked for a NUL. */
char *must_copy_part(const char *text, size_t length);

/* printf into a new string. */
char *must_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same for a caller that has its own variable arguments. */
char *must_format_va(const char *format, va_list args)
    __attribute__((format(printf, 1, 0)));

/* realloc() to count elements of size bytes; old may be NULL. Overflow counts as no memory.
 */
void *must_resize(void *old, size_t count, size_t size);

#endif
