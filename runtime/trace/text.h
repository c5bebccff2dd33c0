/* SPDX-License-Identifier: MIT */
/*
 * The text of a line that is being made. What does not fit is dropped. Addresses are the
 * program's and may be anything: what cannot be read is shown as its address.
 */
#ifndef ATMAN_TRACE_TEXT_H
#define ATMAN_TRACE_TEXT_H

#include "base.h"

enum {
    TRACE_LINE = 384,  /* bytes */
    TRACE_BEGIN = 304, /* of them for a call and its arguments */
    TRACE_SHOWN = 32,  /* bytes of data that are shown */
    TRACE_ITEMS = 4    /* elements of an array that are shown */
};

struct trace_text {
    unsigned length, limit; /* at most TRACE_LINE */
    char bytes[TRACE_LINE];
};

/* Formats are base/format.h's. */
void trace_add(struct trace_text *text, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* NULL, or the address in hexadecimal. */
void trace_add_address(struct trace_text *text, unsigned long address);

/* Quoted, with C's escapes, and ... behind it if there is more than is shown. */
void trace_add_bytes(struct trace_text *text, unsigned long address, size_t size);
void trace_add_string(struct trace_text *text, unsigned long address);

/* Copies the program's memory; false if that cannot be read. */
bool trace_read(void *to, unsigned long address, size_t size);

#endif
