/* SPDX-License-Identifier: MIT */
/*
 * Crash reports for people. The runtime writes one on its log (in a domain under xl: on its
 * console) in lines of a fixed shape:
 *     atman: fatal: WHAT (SIGNAL)
 *     atman:   rip 0x...  ...
 *     atman: backtrace:
 *     atman:   #0 0x0000000000400227
 *     atman: end of report
 * It knows addresses only; here the #N lines get functions and source lines. All other
 * lines pass through as they are.
 */
#ifndef ATMAN_RUN_REPORT_H
#define ATMAN_RUN_REPORT_H

#include "argv.h"

#include <stdbool.h>
#include <stdint.h>

struct report {
    const char *image; /* path of the image, kept, not copied */
    /* Takes the finished lines. */
    void (*print)(void *context, const char *line);
    void *context;
    struct argv held; /* the lines of a report that has begun */
};

/* Takes one line of the log. While a report is incomplete its lines are held back. */
void report_take(struct report *report, const char *line);

/* Prints what is held of a report that never ended. */
void report_end(struct report *report);

/* Prints Xen's own account of a crash (lines, each with its newline; NULL: none) with the
 * place of rip, if there is one, after the RIP line. */
void report_xen(struct report *report, const char *lines, const uint64_t *rip);

/* The address in a `#N 0x...` line of a backtrace, as the symboliser wants it: for N > 0 it
 * is a return address, and the call is before it. False if this is no such line. */
bool report_frame(const char *line, uint64_t *address);

#endif
