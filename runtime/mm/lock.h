/* SPDX-License-Identifier: MIT */
/*
 * The one lock of mm/: areas, pages and page tables. No other lock is taken while it is
 * held, so it comes last in the order; it may be taken while others are. No user pointer is
 * touched under it, for the fault would want it too.
 */
#ifndef ATMAN_MM_LOCK_H
#define ATMAN_MM_LOCK_H

#include "xen/lock.h"

extern struct lock mm_lock;

#endif
