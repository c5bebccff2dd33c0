/* SPDX-License-Identifier: MIT */
/*
 * The backtrace names every function from the crash to main, through the C library too, and
 * a frame pointer that makes no sense ends it, not the report.
 */
// flags: -O0 -pthread
// exit: 139
// case: through qsort
// args: qsort
// stderr-like: #0 0x[0-9a-f]{16} in innermost at .*crash/backtrace\.c:@{innermost}$
// stderr-like: #1 0x[0-9a-f]{16} in compare at .*crash/backtrace\.c:@{compare}$
// stderr-like: #[2-9] 0x[0-9a-f]{16} in .*qsort
// stderr-like: in sort_things at .*crash/backtrace\.c:@{sort}$
// stderr-like: in main at .*crash/backtrace\.c:@{main}$
// stderr-like: ^atman: end of report$
// case: through a signal handler
// args: signal
// stderr-like: #1 0x[0-9a-f]{16} in handler at .*crash/backtrace\.c:@{handler}$
// stderr-like: in raise_it at .*crash/backtrace\.c:@{raise}$
// stderr-like: in main at .*crash/backtrace\.c:@{main}$
// stderr-like: ^atman: end of report$
// case: of a thread that is in a system call instruction
// args: instruction
// stderr-like: #0 0x[0-9a-f]{16} in innermost at
// stderr-like: ^atman: thread 1 is waiting for the word at
// stderr-like: in wait_by_hand at .*crash/backtrace\.c:@{instruction}$
// stderr-like: in act at .*crash/backtrace\.c:@{act}$
// stderr-like: in main at .*crash/backtrace\.c:@{main}$
// case: deep recursion
// args: deep
// stderr-like: #0 0x[0-9a-f]{16} in innermost at
// stderr-like: #9 0x[0-9a-f]{16} in deeper at
// stderr-like: ^atman: end of report$
// case: no frame pointer
// args: rbp 0
// stderr-like: #0 0x[0-9a-f]{16} in with_frame at
// stderr-like: ^atman: end of report$
// case: an odd frame pointer
// args: rbp 3
// stderr-like: #0 0x[0-9a-f]{16} in with_frame at
// stderr-like: ^atman: end of report$
// case: a frame pointer to itself
// args: rbp loop
// stderr-like: #0 0x[0-9a-f]{16} in with_frame at
// stderr-like: ^atman: end of report$
// case: a frame pointer that is no address
// args: rbp impossible
// stderr-like: #0 0x[0-9a-f]{16} in with_frame at
// stderr-like: ^atman: end of report$
// case: a frame pointer to memory without access rights
// args: rbp none
// stderr-like: #0 0x[0-9a-f]{16} in with_frame at
// stderr-like: ^atman: end of report$
// case: a frame pointer to the last word of a page before a hole
// args: rbp edge
// stderr-like: #0 0x[0-9a-f]{16} in with_frame at
// stderr-like: ^atman: end of report$
// case: a frame pointer into the hypervisor
// args: rbp hypervisor
// stderr-like: #0 0x[0-9a-f]{16} in with_frame at
// stderr-like: ^atman: end of report$
#include "raw/raw.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static int *volatile nothing;
static unsigned long ring[2];

static int innermost(void) {
    return *nothing; /* here: innermost */
}

static int compare(const void *a, const void *b) {
    (void)a;
    (void)b;
    return innermost(); /* here: compare */
}

static void sort_things(void) {
    int things[] = {3, 1, 2};

    qsort(things, 3, sizeof *things, compare); /* here: sort */
}

static void handler(int signal) {
    (void)signal;
    innermost(); /* here: handler */
}

static void raise_it(void) {
    signal(SIGUSR1, handler);
    raise(SIGUSR1); /* here: raise */
}

static int deeper(int levels) {
    return levels ? deeper(levels - 1) + 1 : innermost();
}

static void with_frame(unsigned long rbp) {
    __asm__ volatile("mov %0, %%rbp; movl $1, 0" : : "r"(rbp) : "memory");
}

static unsigned long find_rbp(const char *how) {
    char *page =
        mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (!strcmp(how, "loop")) {
        ring[0] = (unsigned long)ring;
        ring[1] = (unsigned long)innermost;
        return (unsigned long)ring;
    }
    if (!strcmp(how, "impossible")) /* its lower part is a good address */
        return 0x8000000000000000 | (unsigned long)ring;
    if (!strcmp(how, "hypervisor"))
        return 0xffff830000001000;
    if (!strcmp(how, "none")) {
        mprotect(page, 4096, PROT_NONE);
        return (unsigned long)page;
    }
    if (!strcmp(how, "edge")) {
        munmap(page + 4096, 4096);
        return (unsigned long)page + 4088;
    }
    return strtoul(how, NULL, 0);
}

static void *crash_later(void *argument) {
    usleep(100000);
    innermost();
    return argument;
}

static void wait_by_hand(void) {
    pthread_t thread;
    int word = 0;

    pthread_create(&thread, NULL, crash_later, NULL);
    RAW(SYS_futex, &word, 0, 0); /* here: instruction */
}

static void act(const char *what, const char *how) {
    if (!strcmp(what, "qsort"))
        sort_things();
    if (!strcmp(what, "signal"))
        raise_it();
    if (!strcmp(what, "instruction"))
        wait_by_hand(); /* here: act */
    if (!strcmp(what, "deep"))
        deeper(1000);
    if (!strcmp(what, "rbp"))
        with_frame(find_rbp(how));
}

int main(int argc, char **argv) {
    act(argc > 1 ? argv[1] : "", argc > 2 ? argv[2] : ""); /* here: main */
    return 99;
}
