/* SPDX-License-Identifier: MIT */
/*
 * The console of an ordinary domain carries the program's output and, if it comes to that,
 * the runtime's crash report. They are taken apart here: a line that begins as a report
 * does starts one, and it ends with the report's last line. All other bytes pass as they
 * are, at once, but for the first few of a line that might still become a report.
 */
#ifndef ATMAN_RUN_CONSOLE_H
#define ATMAN_RUN_CONSOLE_H

#include "lines.h"

#include <stdbool.h>

struct console {
    /* Takes the program's bytes. */
    void (*output)(void *context, const char *bytes, size_t length);
    /* Takes the report's lines. */
    void (*report)(void *context, const char *line);
    void *context;

    /* The parser's own state. */
    bool inside;        /* a line of program output has begun and is no report's */
    size_t matched;     /* bytes of a report's opening that this line began with */
    bool reporting;     /* inside a report */
    struct lines lines; /* its lines */
};

/* Prepares a console; see the fields for the functions. */
void console_init(struct console *console,
                  void (*output)(void *context, const char *bytes, size_t length),
                  void (*report)(void *context, const char *line), void *context);

/* Feeds bytes from the domain. */
void console_feed(struct console *console, const char *bytes, size_t length);

/* Hands out what is held back, and frees the buffer. */
void console_end(struct console *console);

#endif
