/* SPDX-License-Identifier: MIT */
/* A program built with other code generation: optimised over files, with stack canaries. */
// flags: -O3 -flto -fstack-protector-all -fPIC -ftrapv -fno-plt -march=x86-64-v2
// stdout: 3628800 and 55
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int factorial(int n) {
    return n ? n * factorial(n - 1) : 1;
}

int main(int argc, char **argv) {
    char buffer[40];
    int n = argc * 10, sum = 0;

    for (int i = 1; i <= n; i++)
        sum += i;
    snprintf(buffer, sizeof buffer, "%d and %d", factorial(n), sum);
    puts(buffer);
    return strlen(argv[0]) == 0;
}
