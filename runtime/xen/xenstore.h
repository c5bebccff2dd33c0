/* SPDX-License-Identifier: MIT */
/*
 * xenstore, as far as one write at the end of a program's life needs it
 * (xen/include/public/io/xs_wire.h). An ordinary domain has it, the first does not.
 */
#ifndef ATMAN_XEN_XENSTORE_H
#define ATMAN_XEN_XENSTORE_H

#include "base.h"

/*
 * Writes size bytes at value to path, relative to the domain's own directory, and waits
 * for the answer, a few seconds at most. False if the store refused or did not answer.
 */
bool xenstore_write(const char *path, const void *value, size_t size);

#endif
