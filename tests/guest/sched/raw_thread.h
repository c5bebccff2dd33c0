/* SPDX-License-Identifier: MIT */
/*
 * Threads by the clone system call itself, without the C library: such a thread has no
 * thread-local storage of its own and may only make raw calls. The call is a `syscall`
 * instruction in the program, as a foreign runtime would have it.
 */
#ifndef ATMAN_TESTS_RAW_THREAD_H
#define ATMAN_TESTS_RAW_THREAD_H

#include "thread/thread.h"

#include <signal.h>
#include <stdint.h>

#define THREAD_FLAGS                                                                       \
    (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM)

/* Negative errno. */
static inline long raw_call(long number, long a, long b, long c, long d) {
    register long r10 __asm__("r10") = d;
    long result;

    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "0"(number), "D"(a), "S"(b), "d"(c), "r"(r10)
                     : "rcx", "r11", "memory");
    return result;
}

struct clone_call {
    unsigned long flags;
    char *stack; /* its upper end */
    int *parent_tid, *child_tid;
    void *tls;
};

/*
 * The new thread's number or a negative errno. The thread calls run(argument), which gets
 * its stack 16-byte aligned as by a call, and ends with run's result as its status.
 */
static inline long raw_clone(const struct clone_call *c, int (*run)(void *),
                             void *argument) {
    register void *child_tid __asm__("r10") = c->child_tid;
    register void *tls __asm__("r8") = c->tls;
    void **stack = c->stack ? (void **)((uintptr_t)c->stack & -16ul) - 2 : NULL;
    long result;

    if (stack) {
        stack[0] = (void *)run;
        stack[1] = argument;
    }
    __asm__ volatile("syscall\n"
                     "test %%rax, %%rax\n"
                     "jnz 1f\n"
                     "xor %%ebp, %%ebp\n"
                     "pop %%rax\n"
                     "pop %%rdi\n"
                     "call *%%rax\n"
                     "mov %%eax, %%edi\n"
                     "mov $60, %%eax\n" /* exit */
                     "syscall\n"
                     "hlt\n"
                     "1:"
                     : "=a"(result)
                     : "0"((long)SYS_clone), "D"(c->flags), "S"(stack), "d"(c->parent_tid),
                       "r"(child_tid), "r"(tls)
                     : "rcx", "r11", "memory");
    return result;
}

/* FUTEX_WAKE and FUTEX_WAIT for such threads. */
static inline void raw_wake(volatile int *word) {
    raw_call(SYS_futex, (long)word, 1, 1, 0);
}

#endif
