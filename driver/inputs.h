/* SPDX-License-Identifier: MIT */
/*
 * What a link is made of, looked at for objects that were not compiled for a guest
 * (foreign.h): the objects on its line before lld runs, and the members that lld took from
 * archives after it. What is in the sysroot is ours.
 */
#ifndef ATMAN_DRIVER_INPUTS_H
#define ATMAN_DRIVER_INPUTS_H

#include "link.h"

#include <stdbool.h>

/* Looks at the objects on the line, and at archives of which every member is taken
 * (--whole-archive). False after messages about foreign ones. */
bool inputs_on_line(const struct link_plan *plan, const char *root);

/* Makes the file in which lld is to say what it takes from archives, and names it in
 * plan->extracted; only if the user does not want that said elsewhere. */
void inputs_prepare(struct link_plan *plan);

/* Looks at what lld took from archives, and removes that file. False after messages about
 * foreign ones; true as well if there is no file. */
bool inputs_extracted(struct link_plan *plan, const char *root);

#endif
