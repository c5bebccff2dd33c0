/* SPDX-License-Identifier: MIT */
/*
 * The signals that ask atman-run to end, and those of its terminal, as something that can
 * be polled.
 */
#ifndef ATMAN_RUN_SIGNALS_H
#define ATMAN_RUN_SIGNALS_H

#include <stdbool.h>

/* Blocks SIGINT, SIGTERM, SIGHUP and SIGQUIT (those that are not ignored) and SIGPIPE, and
 * returns a descriptor that is readable when one of the first four arrives, or a negative
 * errno. terminal: also SIGWINCH, SIGTSTP and SIGCONT. Children get an empty mask again
 * (child.h, process.h). */
int signals_open(bool terminal);

/* The number of the next signal that has arrived, or 0 for none. */
int signals_next(int fd);

#endif
