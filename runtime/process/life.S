/* SPDX-License-Identifier: MIT */
/*
 * The image as a Linux process. Its ELF entry is here; Xen enters elsewhere (pv/start.S).
 * The runtime takes no part: what the C library would call of it goes to Linux, by the one
 * `syscall` instruction that an image has.
 */
#include "pv/layout.h"

    .section .text.atman_process_start,"ax",@progbits
    .globl atman_process_start
    .type atman_process_start,@function
atman_process_start:
    mov %rsp, atman_process_vector
    xor %ebp, %ebp
    jmp _start
    .size atman_process_start, . - atman_process_start

/* The entry of an image that is to be a guest only (-fno-atman-process). */
    .section .text.atman_process_refuse,"ax",@progbits
    .globl atman_process_refuse
    .type atman_process_refuse,@function
atman_process_refuse:
    mov $2, %edi
    mov $refusal, %esi
    mov $refusal_end - refusal, %edx
    mov $1, %eax /* write */
    call atman_linux_call
    mov $126, %edi
    mov $231, %eax /* exit_group */
    call atman_linux_call
    ud2
    .size atman_process_refuse, . - atman_process_refuse

    .section .rodata.refusal,"a",@progbits
refusal:
    .ascii "atman: this is a Xen guest, and no Linux program (-fno-atman-process); "
    .ascii "atman-run boots it\n"
refusal_end:

/*
 * Linux's system call: as an ordinary function its six arguments, and the number in rax.
 * rcx, r10 and r11 are lost, and nothing else.
 */
    .section .text.atman_linux_call,"ax",@progbits
    .globl atman_linux_call
    .type atman_linux_call,@function
atman_linux_call:
    mov %rcx, %r10
    jmp HYPERCALL_INSTRUCTION
    .size atman_linux_call, . - atman_linux_call

/* long atman_linux(a, b, c, d, e, f, number) */
    .section .text.atman_linux,"ax",@progbits
    .globl atman_linux
    .type atman_linux,@function
atman_linux:
    mov 8(%rsp), %rax
    mov %rcx, %r10
    jmp HYPERCALL_INSTRUCTION
    .size atman_linux, . - atman_linux

/* Where the handlers of signals return to: rt_sigreturn. */
    .section .text.atman_linux_restore,"ax",@progbits
    nop
    .globl atman_linux_restore
    .type atman_linux_restore,@function
atman_linux_restore:
    mov $15, %eax
    jmp HYPERCALL_INSTRUCTION
    .size atman_linux_restore, . - atman_linux_restore

/*
 * int atman_linux_clone(run, stack, flags, argument, parent, tls, child): a new thread runs
 * run(argument) on that stack, and ends with what that returns.
 */
    .section .text.atman_linux_clone,"ax",@progbits
    .globl atman_linux_clone
    .type atman_linux_clone,@function
atman_linux_clone:
    and $-16, %rsi
    sub $24, %rsi
    movq $1f, (%rsi) /* where the instruction returns to in the new thread */
    mov %rcx, 8(%rsi)
    mov %rdi, 16(%rsi)
    mov %rdx, %rdi
    mov %r8, %rdx
    mov %r9, %r8
    mov 8(%rsp), %rcx
    mov $56, %eax
    jmp atman_linux_call
1:  xor %ebp, %ebp
    pop %rdi
    pop %rax
    call *%rax
    mov %eax, %edi
    mov $60, %eax /* exit */
    call atman_linux_call
    ud2
    .size atman_linux_clone, . - atman_linux_clone

/*
 * void atman_linux_unmap(start, size), never returns: the thread's stack goes, and then it.
 * The two calls return by words of their own that several threads may write at once, for
 * each only ever holds one value.
 */
    .section .text.atman_linux_unmap,"ax",@progbits
    .globl atman_linux_unmap
    .type atman_linux_unmap,@function
atman_linux_unmap:
    mov $last_words + 8, %esp
    mov $11, %eax /* munmap */
    call atman_linux_call
    mov $last_words + 16, %esp
    xor %edi, %edi
    mov $60, %eax /* exit */
    call atman_linux_call
    ud2
    .size atman_linux_unmap, . - atman_linux_unmap

    .section .bss.last_words,"aw",@nobits
    .balign 16
last_words:
    .zero 16

/* Its address, for who asks whether a call was interrupted before it was made. */
    .section .rodata.atman_linux_instruction,"a",@progbits
    .globl atman_linux_instruction
    .balign 8
atman_linux_instruction:
    .quad HYPERCALL_INSTRUCTION

    .section .note.GNU-stack,"",@progbits
