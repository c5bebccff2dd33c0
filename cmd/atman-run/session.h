/* SPDX-License-Identifier: MIT */
/*
 * One run of an image under QEMU, from start to exit status: the relay between the guest's
 * channels and our stdin, stdout and stderr, and the decision how the run has ended.
 */
#ifndef ATMAN_RUN_SESSION_H
#define ATMAN_RUN_SESSION_H

#include "run_options.h"

/* atman-run's own exit statuses; the others are the program's. */
enum run_status {
    RUN_TIMED_OUT = 124,
    RUN_FAILED = 125,
    RUN_SIGNALLED = 128 /* plus the signal's number */
};

/* Boots options->kernel, which was checked, with the guest's command line, and returns the
 * exit status for this process. All messages are printed, nothing is left behind. */
int session_run(const struct run_options *options, const char *line);

#endif
