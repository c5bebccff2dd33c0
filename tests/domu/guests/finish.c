/* SPDX-License-Identifier: MIT */
/* Ends in the way its first argument names, after a line of output that is not flushed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv) {
    const char *way = argc >= 2 ? argv[1] : "";
    volatile int *nowhere = NULL;

    printf("finishing: %s\n", way);
    if (strcmp(way, "return") == 0)
        return atoi(argv[2]);
    if (strcmp(way, "exit") == 0)
        exit(atoi(argv[2]));
    if (strcmp(way, "abort") == 0)
        abort();
    if (strcmp(way, "fault") == 0)
        *nowhere = 1;
    if (strcmp(way, "spin") == 0) {
        fflush(stdout);
        for (;;) {
            __asm__ volatile("pause");
        }
    }
    fprintf(stderr, "%s: no such way to finish\n", way);
    return 2;
}
