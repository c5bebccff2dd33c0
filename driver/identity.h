/* SPDX-License-Identifier: MIT */
/*
 * What a toolchain is made of, as a number: --version says it, and compiler caches and
 * build systems that ask for the version see that something has changed.
 */
#ifndef ATMAN_DRIVER_IDENTITY_H
#define ATMAN_DRIVER_IDENTITY_H

#include <stdint.h>

/* A hash of the names and contents of all files in the toolchain's sysroot and lib folders;
 * root is the toolchain folder. The same for every copy, wherever it is. What cannot be
 * read counts as empty. */
uint64_t identity_hash(const char *root);

#endif
