/* SPDX-License-Identifier: MIT */
/* -fatman-debug links the runtime that checks itself, and that one says so. */
// flags: -fatman-debug
// options: -v
// stdout: output
// stderr-like: ^atman: (\[.*\] )?Atman .* with checks on xen-
#include <stdio.h>

int main(void) {
    puts("output");
    return 0;
}
