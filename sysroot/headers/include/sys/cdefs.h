/* SPDX-License-Identifier: MIT */
/* BSD's macros for headers, from libbsd, and those of them that libbsd expects from here. */
#ifndef ATMAN_SYS_CDEFS_H
#define ATMAN_SYS_CDEFS_H

#define __P(arguments) arguments
#define __CONCAT(x, y) x##y
#define __STRING(x) #x

#include <bsd/sys/cdefs.h>

#endif
