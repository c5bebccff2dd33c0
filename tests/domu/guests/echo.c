/* SPDX-License-Identifier: MIT */
/* Writes back each line that is typed on its console, until the line "end". */
#include <stdio.h>
#include <string.h>

int main(void) {
    char line[256];

    while (fgets(line, sizeof line, stdin)) {
        if (strcmp(line, "end\n") == 0)
            return 0;
        fputs(line, stdout);
    }
    return 1;
}
