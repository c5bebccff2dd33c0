/* SPDX-License-Identifier: MIT */
/* What does not fit into a domain's command line is refused, not cut off. */
// exit: 125
// case: one argument
// long-argument: 1100
// stderr-like: atman-run: .*1023
// case: an environment variable
// env: LONG=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
// long-argument: 950
// stderr-like: atman-run: .*1023
#include <unistd.h>

int main(void) {
    write(1, "booted all the same\n", 20);
    return 0;
}
