/* SPDX-License-Identifier: MIT */
/*
 * xl on a machine without Xen: a control domain in QEMU, which the programs in
 * share/atman/xl start and end (tests/domu/bed/user.py has the other side of this). One
 * domain is run there.
 */
#ifndef ATMAN_RUN_XLBED_H
#define ATMAN_RUN_XLBED_H

#include "child.h"
#include "text.h"
#include "xlconfig.h"

#include <stdbool.h>

struct xlbed {
    int control; /* lines come out of it: what xl says (xltool_line()), and "over" */
    int console; /* the domain's, both ways */
};

/* Starts all that, and lets a domain run as soon as there is one. On failure prints a
 * message and returns false. */
bool xlbed_create(struct xlbed *bed, struct child *child, const struct xlconfig *config);

/* Asks the domain to end. */
void xlbed_shutdown(const struct xlbed *bed);

/* What the domain that has shut down left: its exit status, or -1 and, appended to log,
 * what Xen has logged. What else was said is lost. */
int xlbed_finish(const struct xlbed *bed, struct text *log);

#endif
