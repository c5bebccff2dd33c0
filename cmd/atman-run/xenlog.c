/* SPDX-License-Identifier: MIT */
/*
 * Xen's log on com1: see xenlog.h. A guest may print anything to its console, which shares
 * com1; only lines with Xen's own prefix are looked at, and the worst that a guest gains by
 * forging one is its own end.
 */
#include "xenlog.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Lines of a crash that are kept: a dump has about twenty without its stack. */
#define REPORT_LINES 64

static bool begins(const char *line, const char *with) {
    return strncmp(line, with, strlen(with)) == 0;
}

static void keep(struct xenlog *log, const char *line) {
    if (log->lines_kept++ < REPORT_LINES)
        text_addf(&log->report, "%s\n", line);
}

/* Is this line about the domain? Xen names it first, in one of two ways. */
static bool names(const struct xenlog *log, const char *line, const char *format) {
    char name[32];

    snprintf(name, sizeof name, format, log->domain);
    return begins(line, name);
}

/* The lines that come before a dump: which fault, at which address. */
static void cause(struct xenlog *log, const char *line) {
    const char *vector = strstr(line, "Unhandled: vec ");

    if (vector && !names(log, line, "d%uv"))
        vector = NULL;
    if (vector)
        log->vector = atoi(vector + strlen("Unhandled: vec "));
    /* Where Xen ends a domain because of a page fault while it pushes a frame. */
    if (begins(line, "domain_crash_sync called from entry.S"))
        log->frame = true;
    if (vector || begins(line, "domain_crash") || begins(line, "Pagetable walk"))
        keep(log, line);
}

/* A line of a dump. The stack's words, which end it, are left out: they fill the screen and
 * say little; -v shows them. */
static void dump_line(struct xenlog *log, const char *line) {
    const char *rip;

    if (begins(line, "Guest stack trace")) {
        log->in_stack = true;
        return;
    }
    if (log->in_stack) {
        if (!begins(line, "   "))
            log->dump = log->in_stack = false;
        return;
    }
    rip = begins(line, "RIP:") ? strstr(line, "[<") : NULL;
    if (rip) {
        log->rip = strtoull(rip + 2, NULL, 16);
        log->has_rip = true;
    }
    keep(log, line);
}

/* Lines that say that something has ended. True if this is one. */
static bool end_line(struct xenlog *log, const char *line) {
    if (begins(line, "Hardware Dom0 crashed") || begins(line, "Hardware Dom0 watchdog"))
        log->end = XEN_CRASHED;
    else if (begins(line, "Hardware Dom0 "))
        log->end = XEN_HALTED;
    else if (log->reason.length &&
             (begins(line, "Reboot in ") || begins(line, "Manual reset required")))
        log->end = XEN_PANIC;
    return log->end != XEN_RUNS;
}

static void take(void *context, const char *line) {
    struct xenlog *log = context;
    const char *xen = strstr(line, "(XEN) ");

    if (log->echo)
        log->echo(log->context, line);
    if (!xen || log->end != XEN_RUNS)
        return;
    log->started = true;
    line = xen + strlen("(XEN) ");
    if (log->reason_next) {
        log->reason_next = false;
        text_adds(&log->reason, line);
    } else if (begins(line, "Panic on CPU ")) {
        log->reason_next = true;
    } else if (end_line(log, line)) {
        return;
    } else if (names(log, line, "Domain %u (vcpu#")) {
        log->dump = true;
        keep(log, line);
    } else if (log->dump) {
        dump_line(log, line);
    } else {
        cause(log, line);
    }
}

void xenlog_init(struct xenlog *log, unsigned domain,
                 void (*echo)(void *context, const char *line), void *context) {
    *log =
        (struct xenlog){.domain = domain, .echo = echo, .context = context, .vector = -1};
    log->lines.take = take;
    log->lines.context = log;
}

void xenlog_feed(struct xenlog *log, const char *bytes, size_t length) {
    lines_feed(&log->lines, bytes, length);
}

int xenlog_status(const struct xenlog *log) {
    switch (log->vector) {
    case 0:  /* divide error */
    case 16: /* x87 */
    case 19: /* SIMD */
        return 128 + SIGFPE;
    case 1: /* debug */
    case 3: /* breakpoint */
        return 128 + SIGTRAP;
    case 6: /* invalid opcode */
        return 128 + SIGILL;
    case 17: /* alignment */
        return 128 + SIGBUS;
    case -1:
        return 128 + (log->frame ? SIGSEGV : SIGABRT);
    default:
        return 128 + SIGSEGV;
    }
}

const char *xenlog_verdict(const struct xenlog *log) {
    if (log->vector >= 0)
        return "ended by Xen, at a trap that has no handler";
    if (log->frame)
        return "ended by Xen, which could not use its stack: a stack overflow, most likely";
    return log->report.length ? "ended by Xen" : "ended with a crash";
}

void xenlog_end(struct xenlog *log) {
    lines_end(&log->lines);
}

void xenlog_free(struct xenlog *log) {
    text_free(&log->lines.partial);
    text_free(&log->report);
    text_free(&log->reason);
}
