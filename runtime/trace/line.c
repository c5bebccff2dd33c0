/* SPDX-License-Identifier: MIT */
/*
 * The lines of traced calls. A line is written in one piece when the call has returned,
 * unless somebody else has a line to write meanwhile, or the call is one that waits: then
 * its beginning is written first, as `unfinished`, and its end later, as `resumed`. A call
 * that never returns (a handler jumped out of it) is found by the next line, or at the end:
 * its beginning is kept here, not with the thread.
 */
#include <sys/syscall.h>

#include "base/string.h"
#include "console/console.h"
#include "sched/clock.h"
#include "trace/arguments.h"
#include "xen/lock.h"

#define WRITTEN UINT64_MAX /* the mark of a run whose beginning is written */

/* The one beginning that is not written yet. */
static struct lock lock = LOCK_INIT(LOCK_TRACE);
static struct {
    uint64_t mark;
    unsigned length; /* 0: there is none */
    char bytes[TRACE_BEGIN];
} kept;

long untraced_atman_sys_gettid(void);

static void add_prefix(struct trace_text *text, uint64_t time) {
    time = (time - clock_start()) / 1000;
    trace_add(text, "atman: [%ld] %lu.%06lu ", untraced_atman_sys_gettid(), time / 1000000,
              time % 1000000);
}

static void write_text(struct trace_text *text, const char *ending) {
    text->limit = TRACE_LINE;
    trace_add(text, "%s", ending);
    text->bytes[text->length++] = '\n';
    console_log(text->bytes, text->length);
}

/* Makes text what is kept, and that nothing; the lock is held. */
static void take_kept(struct trace_text *text) {
    text->limit = TRACE_LINE;
    text->length = kept.length;
    memcpy(text->bytes, kept.bytes, kept.length);
    kept.length = 0;
}

static void write_unfinished(struct trace_text *text) {
    if (text->length)
        write_text(text, " <unfinished ...>");
}

void trace_line_flush(void) {
    struct trace_text other;

    lock_take(&lock);
    take_kept(&other);
    lock_drop(&lock);
    write_unfinished(&other);
}

/* Keeps the run's beginning; somebody else's that was kept is written. */
static void keep(struct trace_run *run) {
    static uint64_t marks;
    struct trace_text other;

    lock_take(&lock);
    take_kept(&other);
    run->mark = ++marks;
    kept.mark = run->mark;
    kept.length = run->text.length;
    memcpy(kept.bytes, run->text.bytes, kept.length);
    lock_drop(&lock);
    write_unfinished(&other);
}

/* True if nobody has written the run's beginning. Somebody else's that is kept is. */
static bool unkeep(const struct trace_run *run) {
    struct trace_text other;

    lock_take(&lock);
    bool whole = kept.length && kept.mark == run->mark;
    take_kept(&other);
    lock_drop(&lock);
    if (!whole)
        write_unfinished(&other);
    return whole;
}

static bool returns(const struct trace_call *call) {
    return call->number != SYS_exit && call->number != SYS_exit_group;
}

void trace_line_begin(struct trace_run *run) {
    struct trace_text *text = &run->text;

    text->length = 0;
    text->limit = TRACE_BEGIN;
    run->next = 0;
    add_prefix(text, run->start);
    trace_add(text, "%s(", run->call->name);
    trace_add_arguments(run);
    if (returns(run->call) && !trace_may_wait(run)) {
        keep(run);
        return;
    }
    trace_line_flush();
    run->mark = WRITTEN;
    write_text(text, returns(run->call) ? " <unfinished ...>" : ") = ?");
}

static void add_result(struct trace_text *text, const struct trace_call *call,
                       long result) {
    if (result < 0 && result > -4096) {
        trace_add(text, " = -1 ");
        trace_add_error(text, (int)-result);
    } else if (trace_shape(call->number)->groups & RESULT_ADDRESS) {
        trace_add(text, " = 0x%lx", result);
    } else {
        trace_add(text, " = %ld", result);
    }
}

void trace_line_end(struct trace_run *run, long result, uint64_t time) {
    struct trace_text *text = &run->text;

    if (!unkeep(run)) {
        text->length = 0;
        text->limit = TRACE_BEGIN;
        add_prefix(text, clock_monotonic());
        trace_add(text, "<... %s resumed>", run->call->name);
    }
    trace_add_results(run, result);
    text->limit = TRACE_LINE - 1;
    add_result(text, run->call, result);
    time /= 1000;
    trace_add(text, " <%lu.%06lu>", time / 1000000, time % 1000000);
    write_text(text, "");
}
