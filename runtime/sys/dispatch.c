/* SPDX-License-Identifier: MIT */
/*
 * System calls by a number that is known only at run time: syscall(2). An image that uses
 * it holds every handler.
 */
#include "sys/calls.h"

#include <sys/syscall.h>

#include "process/process.h"

typedef long handler(long, long, long, long, long, long);

/* As a process. */
static long call_linux(long n, long a, long b, long c, long d, long e, long f) {
    switch (n) {
#define SYSCALL(number, name, count, call) case number:
#include "syscalls.def"
#undef SYSCALL
        return atman_linux(a, b, c, d, e, f, n);
    default:
        return atman_process_missing(a, b, c, d, e, f, n);
    }
}

/* The list's numbers are the C library's. */
#define SYSCALL(number, name, count, call) _Static_assert(SYS_##name == number, #name);
#include "syscalls.def"
#undef SYSCALL

/* Integers and pointers go to the same registers, whatever the handler's own types. */
long atman_syscall(long n, long a, long b, long c, long d, long e, long f) {
    if (!atman_is_guest)
        return call_linux(n, a, b, c, d, e, f);
    if (n == SYS_futex)
        atman_futex_start();
    if (n == SYS_mmap)
        atman_shared_start();
    if (n == SYS_ioctl)
        atman_ioctl_start(b);
    if (n == SYS_fcntl)
        atman_fcntl_start(b);
    switch (n) {
#define SYSCALL(number, name, count, call)                                                 \
    case number:                                                                           \
        return ((handler *)(void *)call)(a, b, c, d, e, f);
#include "syscalls.def"
#undef SYSCALL
    default:
        return atman_sys_missing(n);
    }
}

void (*const atman_raw_handler)(struct frame *f, unsigned vector) = atman_raw_syscall;
