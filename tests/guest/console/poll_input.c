/* SPDX-License-Identifier: MIT */
/* Input that is no terminal's: poll finds all of it, and its end. */
// native: -O1
// case: at once
// stdin: random 200000
// stdout-from: native
// case: line by line
// args: lines
// stdin: dialogue one two three
// stdout: 4
// stdout: 8
// stdout: 14
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv) {
    struct pollfd fd = {0, POLLIN, 0};
    static unsigned char bytes[5000];
    unsigned long sum = 0;
    size_t total = 0;

    (void)argv;
    for (;;) {
        if (poll(&fd, 1, -1) != 1)
            return 1;
        long n = read(0, bytes, argc > 1 ? 1 : sizeof bytes);
        if (n <= 0)
            break;
        for (long i = 0; i < n; i++)
            sum = sum * 31 + bytes[i];
        total += (size_t)n;
        if (argc > 1 && *bytes == '\n') {
            printf("%zu\n", total);
            fflush(stdout);
        }
    }
    if (argc == 1)
        printf("%zu %lu\n", total, sum);
    return 0;
}
