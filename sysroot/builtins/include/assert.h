/* SPDX-License-Identifier: MIT */
/* assert() and static_assert() for the builtins, which are built before there
 * is a C library: two of their sources include this header. A broken assertion traps. */
#ifndef ATMAN_BUILTINS_ASSERT_H
#define ATMAN_BUILTINS_ASSERT_H

#define assert(condition) ((condition) ? (void)0 : __builtin_trap())
#define static_assert _Static_assert

#endif
