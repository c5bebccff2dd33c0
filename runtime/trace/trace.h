/* SPDX-License-Identifier: MIT */
/*
 * Tracing of system calls, in images that were linked with -fatman-trace (ATMAN_TRACE is
 * defined in their runtime). There the handlers of syscalls.def go by another name, and
 * under theirs are the wrappers of trace/calls.c. The runtime's calls of its own handlers
 * are not traced: they are not the program's.
 */
#ifndef ATMAN_TRACE_TRACE_H
#define ATMAN_TRACE_TRACE_H

#include "base.h"

/*
 * Which calls are printed (atman.trace=) and which are counted (atman.summary=). A set is
 * words with commas between: `all`, a group's or a call's name, either with ! before it to
 * leave it out; a set that begins with ! is what is left of all. False: no set; nothing was
 * changed.
 */
bool trace_set_lines(const char *set);
bool trace_set_summary(const char *set);

/* The domain is about to end: prints what has not been printed yet. */
void trace_end(void);

#endif
