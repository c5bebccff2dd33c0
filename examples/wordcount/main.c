/* SPDX-License-Identifier: MIT */
/* wordcount [file]: the lines, words and bytes of a file or of standard input. */
#include "count.h"

#include <stdio.h>

int main(int argc, char **argv) {
    FILE *file = argc > 1 ? fopen(argv[1], "r") : stdin;
    struct count count = {0};
    char piece[4096];
    size_t length;

    if (!file) {
        perror(argv[1]);
        return 1;
    }
    while ((length = fread(piece, 1, sizeof piece, file)) > 0)
        count_add(&count, piece, length);
    if (ferror(file)) {
        perror(argc > 1 ? argv[1] : "stdin");
        return 1;
    }
    printf("%lu %lu %lu\n", count.lines, count.words, count.bytes);
    return fclose(file) != 0;
}
