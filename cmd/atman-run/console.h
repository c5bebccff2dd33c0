/* SPDX-License-Identifier: MIT */
/*
 * The console of an ordinary domain carries the program's output and the runtime's log.
 * They are taken apart here: a line that begins with "atman: " is the log's. All other
 * bytes pass as they are, at once, but for the first few of a line that might still become
 * such a one.
 */
#ifndef ATMAN_RUN_CONSOLE_H
#define ATMAN_RUN_CONSOLE_H

#include "lines.h"

#include <stddef.h>

#define CONSOLE_LOG "atman: "

struct console {
    /* Takes the program's bytes. */
    void (*output)(void *context, const char *bytes, size_t length);
    void *context;
    /* The log's lines, which lines.take gets. */
    struct lines lines;

    /* The parser's own state: what the line that has begun is. */
    enum { CONSOLE_OPEN, CONSOLE_OUTPUT, CONSOLE_LOGGED } line;
    size_t matched; /* in state OPEN: bytes of CONSOLE_LOG that it began with */
};

/* Prepares a console; output and log get the context. */
void console_init(struct console *console,
                  void (*output)(void *context, const char *bytes, size_t length),
                  void (*log)(void *context, const char *line), void *context);

/* Feeds bytes from the domain. */
void console_feed(struct console *console, const char *bytes, size_t length);

/* Hands out what is held back, and frees the buffer. */
void console_end(struct console *console);

#endif
