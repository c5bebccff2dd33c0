/* SPDX-License-Identifier: MIT */
#include "xenbus/number.h"

uint32_t store_number(const char *text) {
    uint64_t n = 0;

    do {
        if (*text < '0' || *text > '9')
            return 0;
        n = n * 10 + (uint64_t)(*text - '0');
    } while (n <= UINT32_MAX && *++text);
    return n <= UINT32_MAX ? (uint32_t)n : 0;
}
