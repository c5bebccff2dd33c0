/* SPDX-License-Identifier: MIT */
/*
 * Xen's log (com1 of a machine of ours, `xl dmesg` on a Xen host), read for one purpose: to
 * see how a domain or Xen itself has ended when the program could not say so. The wording
 * is that of Xen 4.17.
 */
#ifndef ATMAN_RUN_XENLOG_H
#define ATMAN_RUN_XENLOG_H

#include "lines.h"
#include "text.h"

#include <stdbool.h>
#include <stdint.h>

enum xen_end {
    XEN_RUNS,    /* nothing has ended */
    XEN_CRASHED, /* Xen has ended the first domain, or it has shut down with a crash */
    XEN_HALTED,  /* the first domain has shut down otherwise */
    XEN_PANIC    /* Xen could not go on: a boot that failed */
};

struct xenlog {
    struct lines lines;
    unsigned domain; /* the one that is meant; 0 is the first */
    /* Takes every line, for -v; may be NULL. */
    void (*echo)(void *context, const char *line);
    void *context;

    enum xen_end end;
    bool started;       /* Xen has printed anything at all */
    struct text report; /* of the domain's crash: Xen's lines that tell what happened */
    struct text reason; /* of a panic: why */
    bool has_rip;       /* of a crash: where, if Xen has printed that */
    uint64_t rip;
    int vector; /* the exception that nobody handled, or -1 */
    bool frame; /* Xen could not push a frame on the guest's stack */

    /* The parser's own state. */
    bool dump;        /* inside a crash dump */
    bool in_stack;    /* inside its stack words */
    bool reason_next; /* the next line is a panic's reason */
    size_t lines_kept;
};

/* Makes an empty log about one domain; echo(context, line) gets each line as it is. */
void xenlog_init(struct xenlog *log, unsigned domain,
                 void (*echo)(void *context, const char *line), void *context);

/* Feeds bytes of the log. */
void xenlog_feed(struct xenlog *log, const char *bytes, size_t length);

/* The exit status of a domain that crashed, as if a signal had ended the program:
 * 128 + the signal that Linux gives for the exception; SIGSEGV where the guest's stack
 * could not take a frame, as in a stack overflow; SIGABRT where no exception was seen. */
int xenlog_status(const struct xenlog *log);

/* How a domain that crashed came to its end, in words without an end to the sentence. */
const char *xenlog_verdict(const struct xenlog *log);

/* Hands out a last line without an end; what was collected stays. */
void xenlog_end(struct xenlog *log);

/* Frees all. */
void xenlog_free(struct xenlog *log);

#endif
