/* SPDX-License-Identifier: MIT */
/* The Internet's checksum, eight bytes at a time. */
#include "base.h"
#include "base/string.h"
#include "lwip/opt.h"

static uint64_t add(uint64_t sum, uint64_t word) {
    sum += word;
    return sum + (sum < word);
}

/* The sum of 16-bit words as they are in memory, folded, not inverted. */
uint16_t net_checksum(const void *data, int size) {
    const char *at = data;
    uint64_t sum = 0, word;

    for (; size >= 8; size -= 8, at += 8) {
        memcpy(&word, at, 8);
        sum = add(sum, word);
    }
    word = 0;
    memcpy(&word, at, (size_t)size);
    sum = add(sum, word);
    for (unsigned i = 0; i < 4; i++)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)sum;
}
