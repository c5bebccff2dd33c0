/* SPDX-License-Identifier: MIT */
/* Input that nobody reads does not keep a program from ending, nor its output back. */
// case: none of a lot
// stdin: random 2000000
// args: 0
// stdout: read 0
// exit: 5
// case: a part
// stdin: random 300000
// args: 1000
// stdout: read 1000
// exit: 5
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv) {
    static char buffer[1000];
    size_t wanted = argc > 1 ? strtoul(argv[1], NULL, 10) : 0, have = 0;

    while (have < wanted) {
        ssize_t n = read(0, buffer, wanted - have);
        if (n <= 0)
            return 1;
        have += (size_t)n;
    }
    printf("read %zu\n", have);
    return 5;
}
