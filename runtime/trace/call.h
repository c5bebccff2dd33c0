/* SPDX-License-Identifier: MIT */
/* What the parts of the tracer know of a system call and of one run of it. */
#ifndef ATMAN_TRACE_CALL_H
#define ATMAN_TRACE_CALL_H

#include "base.h"
#include "trace/text.h"

enum { TRACE_ARGUMENTS = 6, TRACE_CALLS = 512 }; /* numbers are below it */

/* The sum of a call's runs. */
struct trace_total {
    struct trace_total *next; /* of those that ran */
    const char *name;         /* NULL: it has not run */
    uint64_t time;            /* ns, waiting included */
    unsigned long runs, errors;
};

struct trace_call {
    const char *name;
    uint16_t number;
    uint8_t count; /* of arguments */
};

/* A run of a call, on the stack of the thread that makes it. */
struct trace_run {
    const struct trace_call *call;
    const long *arguments;
    uint64_t start; /* clock_monotonic() */
    uint64_t mark;  /* of its line in trace/line.c; 0: none is printed */
    unsigned next;  /* the first argument that is not in the text yet */
    bool counted;
    struct trace_text text;
};

/* Is any call traced at all? Looked at before everything else. */
extern bool trace_on;

bool trace_is_printed(unsigned number);
bool trace_is_counted(unsigned number);

/* The first line of a run, and its last. */
void trace_line_begin(struct trace_run *run);
void trace_line_end(struct trace_run *run, long result, uint64_t time);

/* A line that nobody completed any more, if there is one. */
void trace_line_flush(void);

/* One more run. */
void trace_total_add(struct trace_total *total, const struct trace_call *call, long result,
                     uint64_t time);

/* The table, if there is anything to show. */
void trace_total_print(void);

#endif
