/* SPDX-License-Identifier: MIT */
/*
 * A core file as Linux writes it, which any debugger reads: threads as notes, memory as
 * segments.
 */
#ifndef ATMAN_CORE_ELFCORE_H
#define ATMAN_CORE_ELFCORE_H

#include "guestmap.h"

#include <stdio.h>

/* Writes the domain's core: a thread for each vCPU that is up, numbered from 1, and, from
 * 1001 on, one for what it did in kernel mode if it was there; memory as the first of them
 * sees it. Returns NULL, a reason as a static string, or, errno being set, "". */
const char *elfcore_write(FILE *out, const struct xencore *core);

#endif
