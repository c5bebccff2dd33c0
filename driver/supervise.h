/* SPDX-License-Identifier: MIT */
/*
 * Running a child on which this process's own life depends: it gets the signals that ask us
 * to end, and we outlive it, and all that it started, to clean up.
 */
#ifndef ATMAN_DRIVER_SUPERVISE_H
#define ATMAN_DRIVER_SUPERVISE_H

#include "argv.h"

/* Runs the program to its end. SIGHUP, SIGINT and SIGTERM that reach this process meanwhile
 * are passed to it (those that were ignored stay ignored). If it ends by a signal, the
 * processes that it leaves behind are ended, too (SIGTERM, and waited for), so that none of
 * them goes on to write an output. Returns 0 and waitpid()'s status, or a negative errno if
 * the program could not be started. A signal that reached this process while the program
 * finished nevertheless counts: the status is then "killed by" that signal.
 * For a process that needs its own signal handlers and children for nothing else: handlers
 * are changed, and orphans adopted. */
int supervise(const struct argv *command, int *wait_status);

#endif
