/* SPDX-License-Identifier: MIT */
/*
 * What the commands say to people. Every line has the same shape,
 *     prog: object: reason; what to do
 * lower case, one line, on stderr, written in one piece so that parallel builds do not
 * mix their lines.
 */
#ifndef ATMAN_DRIVER_MESSAGE_H
#define ATMAN_DRIVER_MESSAGE_H

#include <stdarg.h>

/* Sets the name that messages begin with. Call it first thing in main(); the string is
 * kept, not copied. Without it messages begin with "atman". */
void message_program(const char *name);

/* Prints "prog: object: reason". object is a file, an option or a tool; with NULL the line
 * is "prog: reason". The reason is a printf format and needs no newline. */
void message(const char *object, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same for a caller that has its own variable arguments. */
void message_va(const char *object, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

#endif
