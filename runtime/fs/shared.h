/* SPDX-License-Identifier: MIT */
/*
 * Shared anonymous memory: an object without a file. Its size is that of the call that made
 * it, whatever its mappings grow to.
 */
#ifndef ATMAN_FS_SHARED_H
#define ATMAN_FS_SHARED_H

#include "base.h"

/* mmap with MAP_SHARED and MAP_ANONYMOUS. */
long shared_map(unsigned long hint, size_t size, int prot, int flags);

#endif
