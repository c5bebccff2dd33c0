/* SPDX-License-Identifier: MIT */
/* Formats a message into one line and writes it in one piece. */
#include "log/log.h"

#include <stdarg.h>

#include "base/format.h"
#include "console/console.h"

static enum log_level limit = LOG_ERROR;

void log_set_level(enum log_level level) {
    limit = level;
}

void log_write(enum log_level level, const char *fmt, ...) {
    static const char prefix[] = "atman: ";
    char line[224];
    va_list args;

    if (level > limit)
        return;
    size_t n = format(line, sizeof line - 1, "%s", prefix);
    va_start(args, fmt);
    n += format_v(line + n, sizeof line - 1 - n, fmt, args);
    va_end(args);
    line[n++] = '\n';
    console_write(CONSOLE_LOG, line, n);
}
