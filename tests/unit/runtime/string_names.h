/* SPDX-License-Identifier: MIT */
/* Other names for the runtime's memory and string functions, beside the C library's. */
#ifndef ATMAN_TEST_STRING_NAMES_H
#define ATMAN_TEST_STRING_NAMES_H

#define memcpy runtime_memcpy
#define memmove runtime_memmove
#define memset runtime_memset
#define memcmp runtime_memcmp
#define strlen runtime_strlen
#define strcmp runtime_strcmp
#define strncmp runtime_strncmp

#endif
