/* SPDX-License-Identifier: MIT */
/*
 * A domain's console, taken apart: see console.h.
 */
#include "console.h"

#include "report.h"

#include <string.h>

static const size_t opening_length = sizeof REPORT_OPENING - 1;

static void report_line(void *context, const char *line) {
    struct console *console = context;

    console->report(console->context, line);
    if (strcmp(line, REPORT_CLOSING) == 0)
        console->reporting = false;
}

void console_init(struct console *console,
                  void (*output)(void *context, const char *bytes, size_t length),
                  void (*report)(void *context, const char *line), void *context) {
    *console = (struct console){.output = output, .report = report, .context = context};
    console->lines.take = report_line;
    console->lines.context = console;
}

/* Passes the bytes of a line of output that begin at bytes; returns how many. */
static size_t pass(struct console *console, const char *bytes, size_t length) {
    const char *end = memchr(bytes, '\n', length);
    size_t run = end ? (size_t)(end - bytes) + 1 : length;

    console->inside = !end;
    console->output(console->context, bytes, run);
    return run;
}

/* Looks at one byte of a line's beginning. */
static void begin(struct console *console, char byte) {
    if (byte != REPORT_OPENING[console->matched]) {
        size_t held = console->matched;

        console->matched = 0;
        if (held)
            console->output(console->context, REPORT_OPENING, held);
        pass(console, &byte, 1);
    } else if (++console->matched == opening_length) {
        console->matched = 0;
        console->reporting = true;
        lines_feed(&console->lines, REPORT_OPENING, opening_length);
    }
}

void console_feed(struct console *console, const char *bytes, size_t length) {
    while (length) {
        size_t run = 1;

        if (console->reporting) {
            const char *end = memchr(bytes, '\n', length);

            run = end ? (size_t)(end - bytes) + 1 : length;
            lines_feed(&console->lines, bytes, run);
        } else if (console->inside) {
            run = pass(console, bytes, length);
        } else {
            begin(console, *bytes);
        }
        bytes += run;
        length -= run;
    }
}

void console_end(struct console *console) {
    if (console->matched)
        console->output(console->context, REPORT_OPENING, console->matched);
    console->matched = 0;
    lines_end(&console->lines);
}
