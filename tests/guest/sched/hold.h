/* SPDX-License-Identifier: MIT */
/*
 * Fills every register that a program has with given bits, lets time pass without touching
 * one of them, and stores what is in them then. For
 * one file of a program.
 */
#ifndef ATMAN_TESTS_HOLD_H
#define ATMAN_TESTS_HOLD_H

#include <cpuid.h>
#include <stddef.h>
#include <stdint.h>

enum { RSP = 4 }; /* the processor's numbering */

struct registers {
    uint64_t integer[16];
    struct {
        uint64_t fraction;
        uint16_t exponent;
        uint16_t unused[3];
    } x87[8];
    uint64_t vector[16 * 4]; /* SSE alone has the first two of each four */
    uint32_t mxcsr;
    uint16_t control;
} __attribute__((aligned(64)));

_Static_assert(offsetof(struct registers, x87) == 128, "as below");
_Static_assert(offsetof(struct registers, vector) == 256, "as below");
_Static_assert(offsetof(struct registers, mxcsr) == 768, "as below");
_Static_assert(offsetof(struct registers, control) == 772, "as below");

static int has_avx;

static inline void find_avx(void) {
    unsigned a, b, c, d;

    __cpuid(1, a, b, c, d);
    has_avx = 0;
    if ((c & bit_OSXSAVE) && (c & bit_AVX)) {
        __asm__("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
        has_avx = (a & 6) == 6;
    }
}

/* Loads *from, counts turns (at least 1) down in memory, stores to *to. */
void hold_sse(const struct registers *from, struct registers *to, long turns);
void hold_avx(const struct registers *from, struct registers *to, long turns);

static inline void hold(const struct registers *from, struct registers *to, long turns) {
    (has_avx ? hold_avx : hold_sse)(from, to, turns);
}

/* clang-format off */
#define EACH_VECTOR(f, move, kind)                                                         \
    f(move, kind, 0) f(move, kind, 1) f(move, kind, 2) f(move, kind, 3)                    \
    f(move, kind, 4) f(move, kind, 5) f(move, kind, 6) f(move, kind, 7)                    \
    f(move, kind, 8) f(move, kind, 9) f(move, kind, 10) f(move, kind, 11)                  \
    f(move, kind, 12) f(move, kind, 13) f(move, kind, 14) f(move, kind, 15)
#define LOAD(move, kind, n) #move " 256 + 32 * " #n "(%rdi), %" #kind #n "\n"
#define STORE(move, kind, n) #move " %" #kind #n ", 256 + 32 * " #n "(%rax)\n"

/* The frame: 0 turns, 8 to, 16 the caller's mxcsr, 20 its control word, 24 rax. */
#define HOLD(name, move, kind)                                                             \
    __asm__(".pushsection .text." #name ", \"ax\", @progbits\n"                            \
            ".globl " #name "\n"                                                           \
            ".type " #name ", @function\n" #name ":\n"                                     \
            "push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15\n"           \
            "sub $40, %rsp\n"                                                              \
            "mov %rdx, (%rsp); mov %rsi, 8(%rsp); stmxcsr 16(%rsp); fnstcw 20(%rsp)\n"     \
            "ldmxcsr 768(%rdi); fninit; fldcw 772(%rdi)\n"                                 \
            "fldt 240(%rdi); fldt 224(%rdi); fldt 208(%rdi); fldt 192(%rdi)\n"             \
            "fldt 176(%rdi); fldt 160(%rdi); fldt 144(%rdi); fldt 128(%rdi)\n"             \
            EACH_VECTOR(LOAD, move, kind)                                                  \
            "mov 0(%rdi), %rax; mov 8(%rdi), %rcx; mov 16(%rdi), %rdx\n"                   \
            "mov 24(%rdi), %rbx; mov 40(%rdi), %rbp; mov 48(%rdi), %rsi\n"                 \
            "mov 64(%rdi), %r8; mov 72(%rdi), %r9; mov 80(%rdi), %r10\n"                   \
            "mov 88(%rdi), %r11; mov 96(%rdi), %r12; mov 104(%rdi), %r13\n"                \
            "mov 112(%rdi), %r14; mov 120(%rdi), %r15; mov 56(%rdi), %rdi\n"               \
            "1: decq (%rsp); jnz 1b\n"                                                     \
            "mov %rax, 24(%rsp); mov 8(%rsp), %rax\n"                                      \
            "mov %rcx, 8(%rax); mov %rdx, 16(%rax); mov %rbx, 24(%rax)\n"                  \
            "mov %rbp, 40(%rax); mov %rsi, 48(%rax); mov %rdi, 56(%rax)\n"                 \
            "mov %r8, 64(%rax); mov %r9, 72(%rax); mov %r10, 80(%rax)\n"                   \
            "mov %r11, 88(%rax); mov %r12, 96(%rax); mov %r13, 104(%rax)\n"                \
            "mov %r14, 112(%rax); mov %r15, 120(%rax)\n"                                   \
            "mov 24(%rsp), %rcx; mov %rcx, 0(%rax)\n"                                      \
            "stmxcsr 768(%rax); fnstcw 772(%rax)\n"                                        \
            "fstpt 128(%rax); fstpt 144(%rax); fstpt 160(%rax); fstpt 176(%rax)\n"         \
            "fstpt 192(%rax); fstpt 208(%rax); fstpt 224(%rax); fstpt 240(%rax)\n"         \
            EACH_VECTOR(STORE, move, kind)                                                 \
            "fninit; fldcw 20(%rsp); ldmxcsr 16(%rsp)\n"                                   \
            "add $40, %rsp\n"                                                              \
            "pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\n"                 \
            "ret\n"                                                                        \
            ".size " #name ", . - " #name "\n"                                             \
            ".popsection\n")
/* clang-format on */

HOLD(hold_sse, movups, xmm);
HOLD(hold_avx, vmovups, ymm);

#endif
