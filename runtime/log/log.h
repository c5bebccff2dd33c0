/* SPDX-License-Identifier: MIT */
/*
 * The runtime's own messages: lines that begin with "atman: ", to the console's log
 * stream. Quiet by default: only errors, what a user must know, are shown. Those that tell
 * what goes on (info, debug) have the time since the program's start, in seconds.
 *
 * May be called in kernel entries and with any lock held but the console's; lines of
 * several vCPUs do not mix.
 */
#ifndef ATMAN_LOG_LOG_H
#define ATMAN_LOG_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* Messages above level are dropped. Starts as LOG_ERROR. */
void log_set_level(enum log_level level);

/* Are messages of that level shown? */
bool log_shows(enum log_level level);

/* From now on times are since then (xen/time.h's system time, ns); before, they are 0. */
void log_set_start(uint64_t start);

/* One line, without its end; cut at about 200 bytes. Formats are base/format.h's. */
void log_write(enum log_level level, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#define log_error(...) log_write(LOG_ERROR, __VA_ARGS__)
#define log_warn(...) log_write(LOG_WARN, __VA_ARGS__)
#define log_info(...) log_write(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_write(LOG_DEBUG, __VA_ARGS__)

#endif
