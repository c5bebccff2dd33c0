/* SPDX-License-Identifier: MIT */
/*
 * A program with its own _start finds what Linux gives a new process (x86-64 psABI, 3.4.1):
 * a stack aligned to 16, argc, argv, environment and auxiliary vector on it, and nothing in
 * the registers. It needs no C library.
 */
// flags: -nostartfiles -nostdlib -fno-stack-protector
// env: A=1 B=2
// args: x 'y z'
// stdout: ok
#include <elf.h>
#include <stddef.h>

long atman_sys_write(int fd, const void *data, size_t size);
_Noreturn long atman_sys_exit_group(int status);

struct registers {
    unsigned long r[15]; /* all but rsp */
    unsigned long rsp, rflags;
};

static _Noreturn void fail(const char *why, size_t size) {
    atman_sys_write(1, why, size);
    atman_sys_exit_group(1);
}

#define REQUIRE(x)                                                                         \
    if (!(x))                                                                              \
    fail(#x "\n", sizeof #x)

static const unsigned long *check_vector(const unsigned long *at, size_t count) {
    for (size_t i = 0; i < count; i++)
        REQUIRE(at[i]);
    REQUIRE(at[count] == 0);
    return at + count + 1;
}

static void check_aux(const unsigned long *at) {
    static unsigned long value[64];
    unsigned seen = 0;

    for (; at[0] != AT_NULL; at += 2, seen++) {
        REQUIRE(seen < 64);
        if (at[0] < 64)
            value[at[0]] = at[1];
    }
    REQUIRE(value[AT_PAGESZ] == 4096);
    const Elf64_Phdr *phdr = (const Elf64_Phdr *)value[AT_PHDR];
    REQUIRE(phdr && value[AT_PHENT] == sizeof *phdr && value[AT_PHNUM] >= 3);
    unsigned loads = 0;
    for (unsigned i = 0; i < value[AT_PHNUM]; i++)
        loads += phdr[i].p_type == PT_LOAD;
    REQUIRE(loads >= 2);
    const unsigned long *random = (const unsigned long *)value[AT_RANDOM];
    REQUIRE(random && random[0] != random[1]);
    REQUIRE(value[AT_ENTRY] && value[AT_EXECFN] && !value[AT_SECURE]);
}

__attribute__((used)) static _Noreturn void check_start(const struct registers *now) {
    const unsigned long *stack = (const unsigned long *)now->rsp;

    REQUIRE(now->rsp % 16 == 0);
    for (size_t i = 0; i < 15; i++)
        REQUIRE(now->r[i] == 0);
    REQUIRE(!(now->rflags & 0x400)); /* string instructions go upward */
    REQUIRE(stack[0] == 3);
    const unsigned long *envp = check_vector(stack + 1, stack[0]);
    const char *second = (const char *)stack[3];
    REQUIRE(second[0] == 'y' && second[1] == ' ' && second[2] == 'z' && !second[3]);
    check_aux(check_vector(envp, 3)); /* A, B and the runner's seed */
    atman_sys_write(1, "ok\n", 3);
    atman_sys_exit_group(0);
}

__asm__(".globl _start\n"
        ".type _start,@function\n"
        "_start:\n"
        "    mov %rsp, now+120(%rip)\n"
        "    mov %rax, now(%rip)\n"
        "    mov %rbx, now+8(%rip)\n"
        "    mov %rcx, now+16(%rip)\n"
        "    mov %rdx, now+24(%rip)\n"
        "    mov %rsi, now+32(%rip)\n"
        "    mov %rdi, now+40(%rip)\n"
        "    mov %rbp, now+48(%rip)\n"
        "    mov %r8, now+56(%rip)\n"
        "    mov %r9, now+64(%rip)\n"
        "    mov %r10, now+72(%rip)\n"
        "    mov %r11, now+80(%rip)\n"
        "    mov %r12, now+88(%rip)\n"
        "    mov %r13, now+96(%rip)\n"
        "    mov %r14, now+104(%rip)\n"
        "    mov %r15, now+112(%rip)\n"
        "    pushfq\n"
        "    pop now+128(%rip)\n"
        "    lea now(%rip), %rdi\n"
        "    call check_start\n"
        "    ud2\n");

__attribute__((used)) static struct registers now;
