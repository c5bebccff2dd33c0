/* SPDX-License-Identifier: MIT */
/*
 * Messages: see message.h. The program's name is the only state; it belongs to the process
 * and is set once, before anything can fail.
 */
#include "message.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *program = "atman";

void message_program(const char *name) {
    program = name;
}

void message_va(const char *object, const char *format, va_list args) {
    char *reason = NULL;

    /* Out of memory must still be sayable: the bare format is better than nothing. */
    if (vasprintf(&reason, format, args) < 0)
        reason = NULL;
    /* dprintf writes the line in one piece; stderr's own stream would write it in five. */
    if (object)
        dprintf(STDERR_FILENO, "%s: %s: %s\n", program, object, reason ? reason : format);
    else
        dprintf(STDERR_FILENO, "%s: %s\n", program, reason ? reason : format);
    free(reason);
}

void message(const char *object, const char *format, ...) {
    va_list args;

    va_start(args, format);
    message_va(object, format, args);
    va_end(args);
}
