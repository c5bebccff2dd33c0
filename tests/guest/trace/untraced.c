/* SPDX-License-Identifier: MIT */
/* An image that was linked without the tracer says that it has none, and runs. */
// options: --trace
// stdout: output
// stderr-like: ^atman: atman\.trace=all: not a setting of the runtime
#include <stdio.h>

int main(void) {
    puts("output");
    return 0;
}
