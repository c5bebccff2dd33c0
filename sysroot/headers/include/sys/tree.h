/* SPDX-License-Identifier: MIT */
/* BSD's trees. Two of the macros name __unused, which is no macro on Linux, since its headers
 * have structs with members of that name. */
#ifndef ATMAN_SYS_TREE_H
#define ATMAN_SYS_TREE_H

#include <bsd/sys/tree.h>

#undef RB_PROTOTYPE_STATIC
#define RB_PROTOTYPE_STATIC(name, type, field, cmp)                                        \
    RB_PROTOTYPE_INTERNAL(name, type, field, cmp, __attribute__((__unused__)) static)
#undef RB_GENERATE_STATIC
#define RB_GENERATE_STATIC(name, type, field, cmp)                                         \
    RB_GENERATE_INTERNAL(name, type, field, cmp, __attribute__((__unused__)) static)

#endif
