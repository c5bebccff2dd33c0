/* SPDX-License-Identifier: MIT */
/* What is known of how an open file is read, for reading ahead (fs/ahead.c). */
#ifndef ATMAN_FS_AHEAD_H
#define ATMAN_FS_AHEAD_H

#include "base.h"

enum ahead_mode { AHEAD_NORMAL, AHEAD_RANDOM, AHEAD_SEQUENTIAL };

struct ahead {
    unsigned long next; /* the page behind the one that was read last */
    uint32_t beyond;    /* pages from there on that were asked for already */
    uint16_t window;    /* how many were asked for last; 0: it is not read in order */
    uint8_t mode;       /* enum ahead_mode: what posix_fadvise said */
};

#endif
