/* SPDX-License-Identifier: MIT */
/*
 * An image is started by Linux, too: then it is a process. The C library asks
 * atman_is_guest before each call, and takes Linux's own. What a guest does not have is
 * ENOSYS there as well, so that what is found out in a process is true of the guest, unless
 * the environment has ATMAN_PROCESS=full.
 */
#ifndef ATMAN_PROCESS_H
#define ATMAN_PROCESS_H

#include "base.h"

/* False in a process; set before the program's first instruction. */
extern bool atman_is_guest;

/* Linux's call of that number: its result, or a negative errno. */
long atman_linux(long a, long b, long c, long d, long e, long f, long number);

/* The same of a number that guests do not have. */
long atman_process_missing(long a, long b, long c, long d, long e, long f, long number);

#endif
