/* SPDX-License-Identifier: MIT */
/*
 * The main thread's stack has the size that -z stack-size asks for, to the last kilobytes;
 * where there is not the memory for all of it, the touch that finds none ends the program.
 */
// flags: -Wl,-z,stack-size=8388608 -fno-stack-protector
// case: enough memory
// stdout-from: checks
// case: too little
// memory: 4M
// exit: 135
// stderr-like: ^atman: fatal: page fault .*no page.*\(SIGBUS\)$
// stderr-like: ^atman: end of report$
#include <alloca.h>
#include <sys/resource.h>

#include "check.h"

enum { ASKED = 8 << 20, LEFT = 64 << 10 };

__attribute__((noinline)) static unsigned long use(size_t bytes) {
    volatile char *p = alloca(4000);
    unsigned long sum;

    __asm__ __volatile__("" : "+r"(p)); /* all of it is wanted */
    for (size_t i = 0; i < 4000; i += 500)
        p[i] = (char)i;
    sum = bytes > 5000 ? use(bytes - 4000) : 0;
    for (size_t i = 0; i < 4000; i += 500)
        sum += p[i] == (char)i;
    return sum;
}

__attribute__((noinline)) static int use_at_once(void) {
    static const size_t size = ASKED - 2 * LEFT;
    volatile char *p = alloca(size);

    p[0] = 1; /* its far end first */
    p[size - 1] = 2;
    return p[0] + p[size - 1];
}

int main(void) {
    struct rlimit limit;

    CHECK_EQUAL(getrlimit(RLIMIT_STACK, &limit), 0);
    CHECK_EQUAL(limit.rlim_cur, ASKED);
    CHECK_EQUAL(use_at_once(), 3);
    /* each call takes a frame beside the 4,000 bytes */
    CHECK_EQUAL(use((ASKED - LEFT) / 10 * 9),
                ((ASKED - LEFT) / 10 * 9 - 5000 + 3999) / 4000 * 8 + 8);
    CHECK_EQUAL(use_at_once(), 3);
    return checks_end();
}
