/* SPDX-License-Identifier: MIT */
/*
 * The runtime's log channel: see runlog.h. A control line is believed only if all of it is
 * as agreed: what looks like one but is not changes nothing.
 */
#include "runlog.h"

#include "size.h"

#include <string.h>

/* The rest of line if it begins with word and a space, else NULL. */
static const char *after(const char *line, const char *word) {
    size_t length = strlen(word);

    return strncmp(line, word, length) == 0 && line[length] == ' ' ? line + length + 1
                                                                   : NULL;
}

/* One to sixteen hexadecimal digits. */
static bool hexadecimal(const char *text, uint64_t *value) {
    static const char digits[] = "0123456789abcdef";
    uint64_t sum = 0;
    size_t length = strlen(text);

    if (length == 0 || length > 16)
        return false;
    for (; *text; text++) {
        const char *digit = strchr(digits, *text);

        if (!digit)
            return false;
        sum = sum << 4 | (uint64_t)(digit - digits);
    }
    *value = sum;
    return true;
}

static void control(struct runlog *log, const char *line) {
    const char *value;
    unsigned status;

    if ((value = after(line, "exit"))) {
        if (!log->exited && count_parse(value, 0, 255, &status)) {
            log->exited = true;
            log->status = (int)status;
        }
    } else if ((value = after(line, "ring"))) {
        if (!log->has_ring)
            log->has_ring = hexadecimal(value, &log->ring);
    } else if (strcmp(line, "stdin") == 0) {
        log->wants_input = true;
    } else if (strcmp(line, "attend") == 0) {
        log->attends = true;
    } else if (strcmp(line, "terminal") == 0) {
        log->is_terminal = true;
    }
}

static void take(void *context, const char *line) {
    struct runlog *log = context;

    if (*line == RUNLOG_CONTROL)
        control(log, line + 1);
    else
        log->text(log->context, line);
}

void runlog_init(struct runlog *log, void (*text)(void *context, const char *line),
                 void *context) {
    *log = (struct runlog){.text = text, .context = context};
    log->lines.take = take;
    log->lines.context = log;
}

void runlog_feed(struct runlog *log, const char *bytes, size_t length) {
    while (length) {
        const char *bell = memchr(bytes, RUNLOG_DOORBELL, length);
        size_t run = bell ? (size_t)(bell - bytes) : length;

        lines_feed(&log->lines, bytes, run);
        if (bell)
            run++;
        bytes += run;
        length -= run;
    }
}

void runlog_end(struct runlog *log) {
    lines_end(&log->lines);
}
