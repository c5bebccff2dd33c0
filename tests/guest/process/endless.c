/* SPDX-License-Identifier: MIT */
/* A program that does not end is ended by atman-run's time limit, busy or asleep. */
// exit: 124
// stdout: started
// options: --timeout 3
// stderr-like: atman-run: .*time limit
// case: busy
// args: busy
// case: asleep
// args: sleep
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv) {
    puts("started");
    fflush(stdout);
    for (volatile unsigned long n = 0;; n++)
        if (argc > 1 && !strcmp(argv[1], "sleep"))
            sleep(1000000000);
}
