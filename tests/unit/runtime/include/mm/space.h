/* SPDX-License-Identifier: MIT */
/*
 * The runtime's header, with the address space where a program under AddressSanitizer has
 * nothing: its shadow memory is where the runtime's space begins.
 */
#ifndef ATMAN_TEST_MM_SPACE_H
#define ATMAN_TEST_MM_SPACE_H

#include_next "mm/space.h"

#undef SPACE_START
#undef SPACE_END
#define SPACE_START 0x200000000000ul
#define SPACE_END 0x300000000000ul

#endif
