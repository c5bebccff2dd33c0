/* SPDX-License-Identifier: MIT */
/*
 * The end of threads that unmap their own stacks, by `syscall` instructions, as foreign C
 * libraries do for detached ones: after the first there is no stack. There are more of them
 * than there is memory for, should anything be kept of each.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
// memory: 6M
#define _GNU_SOURCE
#include "sched/raw_thread.h"

#include <sys/mman.h>

enum { STACK = 65536, ROUNDS = 30, THREADS = 20 };

static int words[THREADS];

static int leave(void *argument) {
    __asm__ volatile("syscall\n"
                     "xor %%edi, %%edi\n mov $60, %%eax\n syscall\n" /* exit */
                     "hlt" ::"a"((long)SYS_munmap),
                     "D"(argument), "S"((long)STACK)
                     : "rcx", "r11", "memory");
    return 0;
}

static void *map(void) {
    return mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void await_end(int *word) {
    for (int value; (value = load(word)) != 0;)
        syscall(SYS_futex, word, 0 /* FUTEX_WAIT */, value, NULL);
}

static void test_leave(void) {
    void *stacks[THREADS];
    unsigned char there[STACK / 4096];

    for (int i = 0; i < THREADS; i++) {
        stacks[i] = map();
        CHECK(stacks[i] != MAP_FAILED);
        struct clone_call call = {.flags = THREAD_FLAGS | CLONE_CHILD_CLEARTID,
                                  .stack = (char *)stacks[i] + STACK,
                                  .child_tid = &words[i]};
        words[i] = 1;
        CHECK(raw_clone(&call, leave, stacks[i]) > 0);
    }
    for (int i = 0; i < THREADS; i++)
        await_end(&words[i]);
    for (int i = 0; i < THREADS; i++)
        CHECK_FAILS(mincore(stacks[i], STACK, there), ENOMEM);
}

int main(void) {
    for (int i = 0; i < ROUNDS; i++)
        test_leave();
    return checks_end();
}
