/* SPDX-License-Identifier: MIT */
/* Writes as many numbered lines of 64 bytes as its argument says and ends at once, with no
 * time for anybody to take the last ones. */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
    long lines = argc == 2 ? atol(argv[1]) : 0;

    for (long i = 0; i < lines; i++)
        printf("%-62ld.\n", i);
    return 0;
}
