/* SPDX-License-Identifier: MIT */
/* Formats a message into one line and writes it in one piece. */
#include "log/log.h"

#include <stdarg.h>

#include "base/format.h"
#include "console/console.h"
#include "xen/time.h"

static enum log_level limit = LOG_ERROR;
static uint64_t start;

void log_set_level(enum log_level level) {
    limit = level;
}

bool log_shows(enum log_level level) {
    return level <= limit;
}

void log_set_start(uint64_t now) {
    start = now;
}

/* What everybody must know is no matter of time, and has a shape that atman-run knows. */
static size_t add_prefix(char *line, size_t size, enum log_level level) {
    uint64_t us = start ? (xen_time_system() - start) / 1000 : 0;

    if (level < LOG_INFO)
        return format(line, size, "atman: ");
    return format(line, size, "atman: [%lu.%06lu] ", us / 1000000, us % 1000000);
}

void log_write(enum log_level level, const char *fmt, ...) {
    char line[224];
    va_list args;

    if (!log_shows(level))
        return;
    size_t n = add_prefix(line, sizeof line - 1, level);
    va_start(args, fmt);
    n += format_v(line + n, sizeof line - 1 - n, fmt, args);
    va_end(args);
    line[n++] = '\n';
    console_log(line, n);
}
