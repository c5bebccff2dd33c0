/* SPDX-License-Identifier: MIT */
/* The table of calls at the program's end. */
// flags: -fatman-trace
// options: --summary=desc
// stderr-like: ^atman: % time +seconds +usecs/call +calls +errors syscall$
// stderr-like: ^atman: +\d+\.\d\d +0\.\d{6} +\d+ +3 +3 close$
// stderr-like: ^atman: 100\.00 +0\.\d{6} +\d+ +3 +3 total$
#include <unistd.h>

int main(void) {
    for (int i = 0; i < 3; i++)
        close(100 + i);
    getppid();
    return 0;
}
