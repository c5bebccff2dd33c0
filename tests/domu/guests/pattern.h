/* SPDX-License-Identifier: MIT */
/*
 * What netserver.c and netload.c say to one another over TCP. A connection begins with a
 * request of 16 bytes: a letter, seven zeros, a number (little-endian). By the letter:
 *   e  the server sends back what comes, until the end of it
 *   s  it sends so many bytes of the pattern, and closes
 *   r  it takes so many bytes, compares them with the pattern, answers 'y' or 'n', and
 * closes q  it ends, as soon as the other connections have ended Over UDP it sends each
 * datagram back.
 */
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

struct request {
    char letter;
    char zeros[7];
    uint64_t number;
};

/* The byte at that place: no two stretches of some length are alike. */
static inline unsigned char pattern_byte(uint64_t place) {
    uint64_t x = (place >> 3) * UINT64_C(0x9e3779b97f4a7c15);

    x ^= x >> 29;
    x *= UINT64_C(0xbf58476d1ce4e5b9);
    x ^= x >> 32;
    return (unsigned char)(x >> 8 * (place & 7));
}

static inline void pattern_fill(unsigned char *to, uint64_t place, size_t size) {
    for (size_t i = 0; i < size; i++)
        to[i] = pattern_byte(place + i);
}

static inline int pattern_is(const unsigned char *from, uint64_t place, size_t size) {
    for (size_t i = 0; i < size; i++)
        if (from[i] != pattern_byte(place + i))
            return 0;
    return 1;
}
