/* SPDX-License-Identifier: MIT */
/* Prints its arguments and the environment variable GREETING, a line each, in brackets, so
 * that a test sees where each begins and ends. They are the program's own to write to. */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
    const char *greeting = getenv("GREETING");

    for (int i = 0; i < argc; i++) {
        volatile char *word = argv[i];
        *word = *word;
        if (i)
            printf("[%s]\n", argv[i]);
    }
    printf("GREETING=[%s]\n", greeting ? greeting : "");
    return 0;
}
