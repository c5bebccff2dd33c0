/* SPDX-License-Identifier: MIT */
/*
 * printf's little cousin for the runtime's own messages.
 *
 * Understood: %s %c %%, and %d %u %x, these with an optional 0, a width, and `l` for a
 * long. Anything else is copied as it stands, so that a mistake shows.
 */
#ifndef ATMAN_BASE_FORMAT_H
#define ATMAN_BASE_FORMAT_H

#include <stdarg.h>
#include <stddef.h>

/*
 * Writes at most size - 1 bytes and a NUL to buf; size must not be 0. Returns the number
 * of bytes written, the NUL not counted: a text that is too long is cut.
 */
size_t format_v(char *buf, size_t size, const char *fmt, va_list args);

size_t format(char *buf, size_t size, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
