/* SPDX-License-Identifier: MIT */
/* The larger hello of the benchmark: formatted output with floating point, the piece of
 * stdio that pulls in most. */
#include <stdio.h>

int main(void) {
    printf("hello, %f\n", 0.5);
    return 0;
}
