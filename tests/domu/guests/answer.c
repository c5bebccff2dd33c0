/* SPDX-License-Identifier: MIT */
/*
 * answer NAME STATUS: says its name before each line that is typed on its console, and ends
 * with STATUS at the line "end". It can tell many guests apart.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv) {
    char line[256];

    if (argc != 3)
        return 99;
    printf("%s: ready\n", argv[1]);
    fflush(stdout);
    while (fgets(line, sizeof line, stdin)) {
        if (strcmp(line, "end\n") == 0)
            return atoi(argv[2]);
        printf("%s: heard %s", argv[1], line);
        fflush(stdout);
    }
    return 98;
}
