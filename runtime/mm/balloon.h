/* SPDX-License-Identifier: MIT */
/*
 * The domain gives memory back to Xen, and takes it again, as the toolstack wishes (xl
 * mem-set). What the program holds or was promised is not touched.
 */
#ifndef ATMAN_MM_BALLOON_H
#define ATMAN_MM_BALLOON_H

#include "base.h"

enum balloon {
    BALLOON_THERE,
    BALLOON_GOES_ON, /* another step is worth while */
    BALLOON_WAITS,   /* nothing more is free, or Xen has no more */
};

/* A step of a bounded number of pages towards a domain of so many. Takes mm_lock. */
enum balloon balloon_step(size_t pages);

/* The frames that the toolstack may ever give a domain of so many. */
pfn_t balloon_limit(pfn_t pages);

#endif
