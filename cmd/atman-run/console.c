/* SPDX-License-Identifier: MIT */
/*
 * A domain's console, taken apart: see console.h.
 */
#include "console.h"

#include <string.h>

void console_init(struct console *console,
                  void (*output)(void *context, const char *bytes, size_t length),
                  void (*log)(void *context, const char *line), void *context) {
    *console = (struct console){.output = output, .context = context};
    console->lines.take = log;
    console->lines.context = context;
}

/* Looks at one byte of a line's beginning. */
static void begin(struct console *console, char byte) {
    size_t held = console->matched;

    if (byte == CONSOLE_LOG[held]) {
        if (++console->matched < strlen(CONSOLE_LOG))
            return;
        lines_feed(&console->lines, CONSOLE_LOG, console->matched);
        console->line = CONSOLE_LOGGED;
    } else {
        if (held)
            console->output(console->context, CONSOLE_LOG, held);
        console->output(console->context, &byte, 1);
        console->line = byte == '\n' ? CONSOLE_OPEN : CONSOLE_OUTPUT;
    }
    console->matched = 0;
}

void console_feed(struct console *console, const char *bytes, size_t length) {
    while (length) {
        const char *end = memchr(bytes, '\n', length);
        size_t run = end ? (size_t)(end - bytes) + 1 : length;

        if (console->line == CONSOLE_OPEN) {
            run = 1;
            begin(console, *bytes);
        } else {
            if (console->line == CONSOLE_OUTPUT)
                console->output(console->context, bytes, run);
            else
                lines_feed(&console->lines, bytes, run);
            if (end)
                console->line = CONSOLE_OPEN;
        }
        bytes += run;
        length -= run;
    }
}

void console_end(struct console *console) {
    if (console->matched)
        console->output(console->context, CONSOLE_LOG, console->matched);
    console->matched = 0;
    lines_end(&console->lines);
}
