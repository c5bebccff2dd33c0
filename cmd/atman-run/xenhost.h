/* SPDX-License-Identifier: MIT */
/*
 * One run of an image as an ordinary domain, through xl: of the Xen host that we are on, or
 * in a control domain of our own (xlbed.h). The domain has one console: the program's
 * stdout and stderr both come out of our stdout.
 */
#ifndef ATMAN_RUN_XENHOST_H
#define ATMAN_RUN_XENHOST_H

#include "run_options.h"

#include <stdbool.h>

/* Is this the control domain of a Xen host? */
bool xenhost_is_here(void);

/* Boots options->kernel, which was checked, as a domain with the guest's command line, and
 * returns the exit status for this process. The domain is destroyed in the end, and all
 * messages are printed. */
int xenhost_run(const struct run_options *options, const char *line);

#endif
