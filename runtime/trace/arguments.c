/* SPDX-License-Identifier: MIT */
/* Arguments as text: see arguments.h. */
#include "trace/arguments.h"

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/uio.h>

enum {
    FUTEX_COMMAND = 127, /* the rest are flags */
    FUTEX_WAIT = 0,
    FUTEX_LOCK_PI = 6,
    FUTEX_WAIT_BITSET = 9,
    FUTEX_WAIT_REQUEUE_PI = 11,
    FUTEX_LOCK_PI2 = 13,
};

const struct trace_shape *trace_shape(unsigned number) {
    static const struct trace_shape shapes[TRACE_CALLS] = {
#define CALL(name, groups_, ...) [SYS_##name] = {.groups = groups_, .kinds = {__VA_ARGS__}},
#include "trace/arguments.def"
#undef CALL
    };

    return &shapes[number];
}

static bool waits_by_operation(long operation) {
    switch (operation & FUTEX_COMMAND) {
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET:
    case FUTEX_LOCK_PI:
    case FUTEX_LOCK_PI2:
    case FUTEX_WAIT_REQUEUE_PI:
        return true;
    default:
        return false;
    }
}

bool trace_may_wait(const struct trace_run *run) {
    switch (run->call->number) {
    case SYS_futex:
        return waits_by_operation(run->arguments[1]);
    case SYS_read:
    case SYS_readv:
        return run->arguments[0] == 0;
    default:
        return trace_shape(run->call->number)->groups & WAITS;
    }
}

static void add_iovec(struct trace_text *text, unsigned long address, long count,
                      size_t left) {
    struct iovec part;

    trace_add(text, "[");
    for (long i = 0; i < count; i++, address += sizeof part) {
        if (i)
            trace_add(text, ", ");
        if (i == TRACE_ITEMS || !trace_read(&part, address, sizeof part)) {
            trace_add(text, i == TRACE_ITEMS ? "..." : "0x%lx", address);
            break;
        }
        size_t size = MIN(part.iov_len, left);
        trace_add(text, "{iov_base=");
        trace_add_bytes(text, (unsigned long)part.iov_base, size);
        trace_add(text, ", iov_len=%lu}", part.iov_len);
        left -= size;
    }
    trace_add(text, "]");
}

static void add_number(struct trace_text *text, long value) {
    if (value > -4096 && value < 65536)
        trace_add(text, "%ld", value);
    else
        trace_add(text, "0x%lx", value);
}

/* size: of the data that the argument points to. */
static void add_argument(struct trace_run *run, unsigned index, enum trace_kind kind,
                         size_t size) {
    struct trace_text *text = &run->text;
    const long *values = run->arguments;
    long value = values[index];

    switch (kind) {
    case AS_NUMBER:
        add_number(text, value);
        break;
    case AS_INT:
        trace_add(text, "%d", (int)value);
        break;
    case AS_LONG:
        trace_add(text, "%ld", value);
        break;
    case AS_SIZE:
        trace_add(text, "%lu", (unsigned long)value);
        break;
    case AS_HEX:
        trace_add(text, value ? "0x%lx" : "0", (unsigned long)value);
        break;
    case AS_OCTAL:
        trace_add(text, "0%u%u%u", (unsigned)value >> 6 & 7, (unsigned)value >> 3 & 7,
                  (unsigned)value & 7);
        break;
    case AS_ADDRESS:
        trace_add_address(text, (unsigned long)value);
        break;
    case AS_FD:
        if ((int)value == AT_FDCWD)
            trace_add(text, "AT_FDCWD");
        else
            trace_add(text, "%d", (int)value);
        break;
    case AS_SIGNAL:
        trace_add_signal(text, (int)value);
        break;
    case AS_BYTES:
        trace_add_bytes(text, (unsigned long)value, size);
        break;
    case AS_STRING:
        trace_add_string(text, (unsigned long)value);
        break;
    case AS_IOVEC:
        add_iovec(text, (unsigned long)value, values[index + 1], size);
        break;
    case AS_FUTEX_LIMIT:
        if (waits_by_operation(values[1]))
            trace_add_structure(text, AS_TIMESPEC, (unsigned long)value);
        else
            add_number(text, value);
        break;
    default:
        if (kind < AS_NAMES_END)
            trace_add_name(text, kind, (unsigned long)value);
        else
            trace_add_structure(text, kind, (unsigned long)value);
    }
}

static void add_comma(struct trace_run *run) {
    if (run->next)
        trace_add(&run->text, ", ");
}

/* Where data has a size, it is the next argument. */
static size_t size_of(const struct trace_run *run, unsigned index) {
    return index + 1 < TRACE_ARGUMENTS ? (size_t)run->arguments[index + 1] : 0;
}

void trace_add_arguments(struct trace_run *run) {
    const struct trace_shape *shape = trace_shape(run->call->number);

    for (; run->next < run->call->count; run->next++) {
        unsigned kind = shape->kinds[run->next];
        if (kind & OUT)
            break;
        add_comma(run);
        add_argument(run, run->next, kind,
                     kind == AS_IOVEC ? SIZE_MAX : size_of(run, run->next));
    }
}

/* What a call did not write, as when it failed, is not there. */
static enum trace_kind written_kind(enum trace_kind kind, long result) {
    if (kind == AS_TIME_LEFT)
        return result == -EINTR ? AS_TIMESPEC : AS_ADDRESS;
    return result < 0 ? AS_ADDRESS : kind;
}

void trace_add_results(struct trace_run *run, long result) {
    const struct trace_shape *shape = trace_shape(run->call->number);

    for (; run->next < run->call->count; run->next++) {
        unsigned kind = shape->kinds[run->next];
        add_comma(run);
        if (kind & OUT)
            add_argument(run, run->next, written_kind(kind & ~(unsigned)OUT, result),
                         (size_t)result);
        else
            add_argument(run, run->next, kind, size_of(run, run->next));
    }
    trace_add(&run->text, ")");
}
