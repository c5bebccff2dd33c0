/* SPDX-License-Identifier: MIT */
/*
 * A stack overflow ends in the guard page, whatever the frames' size and the stack
 * pointer's state: a report, status 139. Where memory ends before the stack does, it is
 * SIGBUS, 135.
 */
// flags: -Wno-infinite-recursion
// exit: 139
// stderr-like: .
// timeout: 30
// case: endless recursion
// args: recurse
// stderr-like: in recurse at .*crash/stack\.c:
// case: large frames
// args: large
// stderr-like: in recurse_large at .*crash/stack\.c:
// case: in the least memory
// args: recurse
// memory: 4M
// exit: 135
// stderr-like: there is no page for it
// stderr-like: in recurse at .*crash/stack\.c:
// case: in a handler
// args: handler
// case: a stack pointer to nowhere
// args: nowhere
// case: a stack pointer to code
// args: code
// case: a stack pointer that is no address
// args: impossible
#include <signal.h>
#include <string.h>

static volatile long depth;

__attribute__((noinline)) static long recurse(volatile long *above) {
    volatile long here[4] = {0};

    depth++;
    here[0] = recurse(here) + *above;
    return here[0];
}

/* Smaller than a page, so that the guard page cannot be stepped over. */
__attribute__((noinline)) static long recurse_large(volatile char *above) {
    volatile char here[4000];

    here[0] = above[0];
    here[3999] = (char)depth++;
    return recurse_large(here) + here[3999];
}

static void handler(int signal) {
    volatile long start = signal;

    recurse(&start);
}

static void push_at(unsigned long address) {
    __asm__ volatile("mov %0, %%rsp; push %%rax" : : "r"(address) : "memory");
}

int main(int argc, char **argv) {
    const char *how = argc > 1 ? argv[1] : "";
    volatile long start = 0;

    if (!strcmp(how, "recurse"))
        return (int)recurse(&start);
    if (!strcmp(how, "large"))
        return (int)recurse_large((char *)&start);
    if (!strcmp(how, "handler")) {
        signal(SIGUSR1, handler);
        raise(SIGUSR1);
    }
    if (!strcmp(how, "nowhere"))
        push_at(0x123456789000);
    if (!strcmp(how, "code"))
        push_at((unsigned long)&main + 16);
    if (!strcmp(how, "impossible"))
        push_at(0x8000000000000000);
    return 99;
}
