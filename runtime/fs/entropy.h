/* SPDX-License-Identifier: MIT */
/* Random numbers fit for keys, from the processor. */
#ifndef ATMAN_FS_ENTROPY_H
#define ATMAN_FS_ENTROPY_H

#include "base.h"

/*
 * Fills buffer from RDSEED, or else RDRAND. A processor with neither leaves the fallback
 * "jitter": the differing times of the same work, mixed; said once in the log, because
 * nobody has measured how much it is worth.
 */
void entropy_read(void *buffer, size_t size);

#endif
