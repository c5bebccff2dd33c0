/* SPDX-License-Identifier: MIT */
/* The text of a line: see text.h. */
#include "trace/text.h"

#include <stdarg.h>

#include "base/format.h"
#include "pv/access.h"

enum { PATH_SHOWN = 120 };

void trace_add(struct trace_text *text, const char *fmt, ...) {
    va_list args;

    va_start(args, fmt);
    text->length +=
        format_v(text->bytes + text->length, text->limit - text->length, fmt, args);
    va_end(args);
}

void trace_add_address(struct trace_text *text, unsigned long address) {
    if (address)
        trace_add(text, "0x%lx", address);
    else
        trace_add(text, "NULL");
}

bool trace_read(void *to, unsigned long address, size_t size) {
    return !user_read(to, (const void *)address, size);
}

/* next is what follows, in case that it is a digit that an octal escape would swallow. */
static void add_character(struct trace_text *text, unsigned char c, unsigned char next) {
    static const char plain[] = "\t\n\v\f\r\"\\", letter[] = "tnvfr\"\\";

    for (unsigned i = 0; i < sizeof plain - 1; i++)
        if (c == plain[i]) {
            trace_add(text, "\\%c", letter[i]);
            return;
        }
    if (c >= ' ' && c < 127)
        trace_add(text, "%c", c);
    else if (next >= '0' && next <= '9')
        trace_add(text, "\\%u%u%u", c >> 6, c >> 3 & 7, c & 7);
    else if (c >= 0100)
        trace_add(text, "\\%u%u%u", c >> 6, c >> 3 & 7, c & 7);
    else if (c >= 010)
        trace_add(text, "\\%u%u", c >> 3, c & 7);
    else
        trace_add(text, "\\%u", c);
}

static void add_quoted(struct trace_text *text, const unsigned char *bytes, size_t size,
                       bool more) {
    trace_add(text, "\"");
    for (size_t i = 0; i < size; i++)
        add_character(text, bytes[i], i + 1 < size ? bytes[i + 1] : 0);
    trace_add(text, more ? "\"..." : "\"");
}

void trace_add_bytes(struct trace_text *text, unsigned long address, size_t size) {
    unsigned char bytes[TRACE_SHOWN];
    size_t shown = MIN(size, sizeof bytes);

    if (trace_read(bytes, address, shown))
        add_quoted(text, bytes, shown, size > shown);
    else
        trace_add_address(text, address);
}

void trace_add_string(struct trace_text *text, unsigned long address) {
    unsigned char bytes[PATH_SHOWN + 1];
    size_t n = 0;

    while (n < sizeof bytes && trace_read(bytes + n, address + n, 1) && bytes[n])
        n++;
    if (n || trace_read(bytes, address, 1))
        add_quoted(text, bytes, MIN(n, (size_t)PATH_SHOWN), n > PATH_SHOWN);
    else
        trace_add_address(text, address);
}
