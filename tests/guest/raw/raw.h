/* SPDX-License-Identifier: MIT */
/* A system call by the instruction itself, as in objects that know nothing of us. */
#ifndef ATMAN_TESTS_RAW_H
#define ATMAN_TESTS_RAW_H

static inline long raw6(long n, long a, long b, long c, long d, long e, long f) {
    register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
    long result;

    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

#define RAW_PICK(n, a, b, c, d, e, f, ...) raw6(n, (long)(a), (long)(b), (long)(c), d, e, f)
/* RAW(number, up to six arguments): the result, or a negative errno. */
#define RAW(...) RAW_PICK(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)

#endif
