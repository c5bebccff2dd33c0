/* SPDX-License-Identifier: MIT */
/*
 * Moves bytes between the console of an ordinary domain (a terminal device of
 * xenconsoled's) and our stdin, stdout and stderr. It decides nothing: xenhost.c does.
 */
#ifndef ATMAN_RUN_TTYRELAY_H
#define ATMAN_RUN_TTYRELAY_H

#include "console.h"
#include "input.h"
#include "outlet.h"
#include "report.h"

#include <stdbool.h>

struct ttyrelay {
    int tty; /* the console, non-blocking; -1: not opened yet */
    struct outlet out, err;
    struct input input;
    struct console console;
    struct report report;
    size_t matched; /* bytes of a control line that may have begun */
    bool heard;     /* the last ttyrelay_wait() has read from the console */
};

/* Prepares a relay. image is the path of the image, which is kept; the relay must not be
 * moved afterwards. */
void ttyrelay_start(struct ttyrelay *relay, const char *image);

/* Opens the console; input is wanted from now on. Returns 0 or a negative errno. */
int ttyrelay_open(struct ttyrelay *relay, const char *path);

/* Takes a console that is open, non-blocking, which it closes in the end. */
void ttyrelay_take(struct ttyrelay *relay, int console);

/* Waits until something can be moved, one of the two descriptors `wake` (-1: none) is
 * readable, or timeout milliseconds (-1: no limit) have gone by; moves what can be moved.
 * ready[i] tells whether wake[i] is readable. */
void ttyrelay_wait(struct ttyrelay *relay, const int wake[2], bool ready[2], int timeout);

/* Prints a line, without its newline, on our stderr. */
void ttyrelay_print(void *relay, const char *line);

/* Closes the console and hands out what the parsers hold back. */
void ttyrelay_finish(struct ttyrelay *relay);

/* Have our outputs taken everything? */
bool ttyrelay_drained(const struct ttyrelay *relay);

/* Frees all; after ttyrelay_finish(). */
void ttyrelay_free(struct ttyrelay *relay);

#endif
