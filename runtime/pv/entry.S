/* SPDX-License-Identifier: MIT */
/*
 * Where Xen enters the runtime: traps, events and the program's `syscall` instructions. All
 * arrive in guest kernel mode with events masked, on the vCPU's kernel stack, or further down
 * on it if they interrupted another entry. Xen pushes rcx and r11 below what the processor
 * itself would push (xen/arch/x86/x86_64/entry.S, create_bounce_frame).
 *
 * The way back to user mode is the iret hypercall, which unmasks events and delivers those
 * that are pending, in one step; to an interrupted entry it is iretq, with events masked.
 */
#include "pv/layout.h"
#include "pv/line.h"

#define HYPERVISOR_IRET 23
#define TRAP_SYSCALL 256 /* pv/trap.h */
#define TRAP_UPCALL 257
#define IN_SYSCALL 0x100 /* VGCF_in_syscall: rcx and r11 are not restored */
#define FRAME_CS_OFFSET 136
#define FRAME_ERROR_OFFSET 24 /* from where rax is */

    .macro push_registers /* rax, r11 and rcx are there */
    push %rdx
    push %rsi
    push %rdi
    push %r8
    push %r9
    push %r10
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r14
    push %r15
    .endm

    .macro pop_registers
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
    pop %r10
    pop %r9
    pop %r8
    pop %rdi
    pop %rsi
    pop %rdx
    .endm

    .macro entry name, vector, has_error
    .type \name,@function
\name:
    pop %rcx
    pop %r11
    .if \has_error == 0
    push $0
    .endif
    push %rcx
    push %r11
    push %rax
    mov $\vector, %eax
    jmp entry_common
    .size \name, . - \name
    .endm

    .section .text.entry,"ax",@progbits
    entry trap_0, 0, 0
    entry trap_1, 1, 0
    entry trap_3, 3, 0
    entry trap_4, 4, 0
    entry trap_5, 5, 0
    entry trap_6, 6, 0
    entry trap_7, 7, 0
    entry trap_10, 10, 1
    entry trap_11, 11, 1
    entry trap_12, 12, 1
    entry trap_13, 13, 1
    entry trap_14, 14, 1
    entry trap_16, 16, 0
    entry trap_17, 17, 1
    entry trap_18, 18, 0
    entry trap_19, 19, 0
    entry trap_128, 128, 0

    .globl entry_upcall
    entry entry_upcall, TRAP_UPCALL, 0

    .type entry_common,@function
entry_common:
    push_registers
    cld
    incq %gs:GS_DEPTH
    mov %rsp, %rdi
    mov %eax, %esi
    xor %ebp, %ebp
    sub $8, %rsp /* a frame is an odd number of words */
    call trap_handle
    add $8, %rsp
    /* Falls through. */

    .globl entry_return
entry_return:
    decq %gs:GS_DEPTH
    testb $3, FRAME_CS_OFFSET(%rsp)
    jz 1f
    pop_registers
    movq $0, FRAME_ERROR_OFFSET(%rsp)
    mov $HYPERVISOR_IRET, %eax
    jmp HYPERCALL_INSTRUCTION
1:  pop_registers
    pop %rax
    pop %r11
    pop %rcx
    movq $0xe033, 16(%rsp) /* without the saved mask; the mask stays set */
    add $8, %rsp
    iretq
    .size entry_common, . - entry_common

/*
 * A `syscall` in user mode. Most are the runtime's own hypercalls: they are made here, in its
 * place, with the registers as they are.
 */
    .globl entry_syscall
    .type entry_syscall,@function
entry_syscall:
    cmpq $hypercall_return, 16(%rsp)
    jne 1f
    add $16, %rsp
    call HYPERCALL_INSTRUCTION
    push $IN_SYSCALL
    push %rcx
    push %r11
    push %rax
    mov $HYPERVISOR_IRET, %eax
    jmp HYPERCALL_INSTRUCTION
1:  pop %rcx
    pop %r11
    push $0
    push %rcx
    push %r11
    push %rax
    mov $TRAP_SYSCALL, %eax
    jmp entry_common
    .size entry_syscall, . - entry_syscall

/* void entry_load(const struct frame *), never returns: from kernel mode to user mode. */
    .section .text.entry_load,"ax",@progbits
    .globl entry_load
    .type entry_load,@function
entry_load:
    mov %rdi, %rsp
    pop_registers
    movq $0, FRAME_ERROR_OFFSET(%rsp)
    mov $HYPERVISOR_IRET, %eax
    jmp HYPERCALL_INSTRUCTION
    .size entry_load, . - entry_load

/* void frame_load(const struct frame *), in user mode, never returns: goes on from there. */
    .section .text.frame_load,"ax",@progbits
    .globl frame_load
    .type frame_load,@function
frame_load:
    mov %rdi, %rsp
    pop_registers
    pop %rax
    pop %r11
    pop %rcx
    add $8, %rsp
    iretq
    .size frame_load, . - frame_load

    /* For set_trap_table: vector, flags, selector, address. Flags: who may raise it by `int`;
     * 4: events are masked on entry. */
    .section .rodata.trap_table,"a",@progbits
    .balign 8
    .globl trap_table
    .type trap_table,@object
trap_table:
    .macro gate vector, dpl=0
    .byte \vector, \dpl | 4
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
    gate 128, 3
    .zero 16
    .size trap_table, . - trap_table

    .section .note.GNU-stack,"",@progbits
