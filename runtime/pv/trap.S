/* SPDX-License-Identifier: MIT */
/*
 * Entry points of the processor's traps. Xen pushes, on the stack that was in use, rcx
 * and r11 below what the processor itself would push (xen/arch/x86/x86_64/entry.S); with
 * the two taken off, the frame is the processor's own. The rest is saved as struct
 * trap_frame (pv/trap.h) and looked at on the runtime's stack.
 */
#include "pv/layout.h"

    .macro entry vector, has_error
    .type trap_\vector,@function
trap_\vector:
    pop %rcx
    pop %r11
    .if \has_error == 0
    push $0
    .endif
    push $\vector
    jmp trap_common
    .size trap_\vector, . - trap_\vector
    .endm

    .section .text.trap,"ax",@progbits
    entry 0, 0
    entry 1, 0
    entry 3, 0
    entry 4, 0
    entry 5, 0
    entry 6, 0
    entry 7, 0
    entry 10, 1
    entry 11, 1
    entry 12, 1
    entry 13, 1
    entry 14, 1
    entry 16, 0
    entry 17, 1
    entry 18, 0
    entry 19, 0

    .type trap_common,@function
trap_common:
    push %rax
    push %rbx
    push %rcx
    push %rdx
    push %rsi
    push %rdi
    push %rbp
    push %r8
    push %r9
    push %r10
    push %r11
    push %r12
    push %r13
    push %r14
    push %r15
    cld
    mov %rsp, %rdi
    /* A trap in the handling of a trap goes on where it is. */
    lea atman_boot_stack(%rip), %rax
    mov %rsp, %rcx
    sub %rax, %rcx
    cmp $BOOT_STACK_SIZE, %rcx
    jb 1f
    lea BOOT_STACK_SIZE(%rax), %rsp
1:  and $-16, %rsp
    xor %ebp, %ebp
    call trap_handle
    ud2
    .size trap_common, . - trap_common

    /* For set_trap_table: vector, flags (who may raise it by `int`), selector, address. */
    .section .rodata.trap_table,"a",@progbits
    .balign 8
    .globl trap_table
    .type trap_table,@object
trap_table:
    .macro gate vector, dpl=0
    .byte \vector, \dpl
    .short 0xe033
    .long 0
    .quad trap_\vector
    .endm
    gate 0
    gate 1
    gate 3, 3
    gate 4, 3
    gate 5
    gate 6
    gate 7
    gate 10
    gate 11
    gate 12
    gate 13
    gate 14
    gate 16
    gate 17
    gate 18
    gate 19
    .zero 16
    .size trap_table, . - trap_table

    .section .note.GNU-stack,"",@progbits
