/* SPDX-License-Identifier: MIT */
/* The table of calls at the program's end: times include waiting. */
#include "console/console.h"
#include "trace/call.h"
#include "xen/lock.h"

static struct lock lock = LOCK_INIT(LOCK_TRACE);
static struct trace_total *totals;

void trace_total_add(struct trace_total *total, const struct trace_call *call, long result,
                     uint64_t time) {
    lock_take(&lock);
    if (!total->name) {
        total->name = call->name;
        total->next = totals;
        totals = total;
    }
    total->runs++;
    total->errors += result < 0 && result > -4096;
    total->time += time;
    lock_drop(&lock);
}

static void print(const char *line) {
    struct trace_text text = {.limit = TRACE_LINE};

    trace_add(&text, "atman: %s\n", line);
    console_log(text.bytes, text.length);
}

/* time of all in hundredths of a per cent. */
static uint64_t share_of(uint64_t time, uint64_t all) {
    for (; all >> 48; all >>= 1)
        time >>= 1;
    return all ? time * 10000 / all : 0;
}

/* A row; all is the time that all calls took. */
static void print_row(const struct trace_total *total, uint64_t all) {
    struct trace_text text = {.limit = TRACE_LINE};
    uint64_t us = total->time / 1000, share = share_of(total->time, all);

    trace_add(&text, "%3lu.%02lu %4lu.%06lu %11lu %9lu ", share / 100, share % 100,
              us / 1000000, us % 1000000, us / total->runs, total->runs);
    if (total->errors)
        trace_add(&text, "%9lu", total->errors);
    else
        trace_add(&text, "         ");
    trace_add(&text, " %s", total->name);
    print(text.bytes);
}

/* The one that took the longest; it is taken out of the list. */
static struct trace_total *take_longest(struct trace_total **list) {
    struct trace_total **longest = list, *taken;

    for (struct trace_total **t = list; *t; t = &(*t)->next)
        if ((*t)->time > (*longest)->time)
            longest = t;
    taken = *longest;
    *longest = taken->next;
    return taken;
}

void trace_total_print(void) {
    static const char line[] =
        "------ ----------- ----------- --------- --------- --------";
    struct trace_total sum = {.name = "total"};

    /* Others may still be counting: what they add now is theirs to lose. */
    lock_take(&lock);
    struct trace_total *list = totals;
    totals = NULL;
    lock_drop(&lock);
    if (!list)
        return;
    for (const struct trace_total *t = list; t; t = t->next) {
        sum.time += t->time;
        sum.runs += t->runs;
        sum.errors += t->errors;
    }
    print("% time     seconds  usecs/call     calls    errors syscall");
    print(line);
    while (list)
        print_row(take_longest(&list), sum.time);
    print(line);
    print_row(&sum, sum.time);
}
