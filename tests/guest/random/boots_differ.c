/* SPDX-License-Identifier: MIT */
/* What a program gets at random, by AT_RANDOM and by getrandom, is another at each boot. */
// stdout-like: [0-9a-f]{32}
// stdout-like: [0-9a-f]{16}
// twice: differ
#include <stdio.h>
#include <sys/auxv.h>
#include <sys/random.h>

int main(void) {
    const unsigned char *start = (const unsigned char *)getauxval(AT_RANDOM);
    unsigned char more[8];

    for (int i = 0; start && i < 16; i++)
        printf("%02x", start[i]);
    printf("\n");
    if (getrandom(more, sizeof more, 0) != sizeof more)
        return 1;
    for (int i = 0; i < 8; i++)
        printf("%02x", more[i]);
    printf("\n");
    return 0;
}
