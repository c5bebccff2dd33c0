/* SPDX-License-Identifier: MIT */
/* A word that is cut by the end of a piece is one word. */
#include "count.h"

#include <stdio.h>

int main(void) {
    struct count count = {0};

    count_add(&count, "one tw", 6);
    count_add(&count, "o\n three", 8);
    printf("%lu %lu %lu\n", count.lines, count.words, count.bytes);
    return count.lines != 1 || count.words != 3 || count.bytes != 14;
}
