/* SPDX-License-Identifier: MIT */
/* Work for a thread of the runtime's own. */
#ifndef ATMAN_SCHED_APART_H
#define ATMAN_SCHED_APART_H

#include "base.h"

/*
 * Runs that, which never returns, in a thread of its own with a stack of several pages,
 * before the program's threads of whatever priority. False: there is no memory. May be
 * called in kernel entries, with no lock of a rank from LOCK_THREADS on.
 */
bool run_apart(void (*run)(void));

#endif
