/* SPDX-License-Identifier: MIT */
/*
 * The process's limits. The hard ones are what there is; the soft ones may be set below
 * them. Most are only kept: nothing here comes from others, whom a limit would protect.
 */
#ifndef ATMAN_FS_LIMITS_H
#define ATMAN_FS_LIMITS_H

#include <sys/resource.h>

/* The one of that RLIMIT_*, which is below RLIM_NLIMITS. */
struct rlimit *limit_of(int resource);

#endif
