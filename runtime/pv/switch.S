/* SPDX-License-Identifier: MIT */
/*
 * From one thread to another, in user mode with events masked. A thread that called switch_to
 * has what the C ABI keeps on its stack, floating-point control words included. One that was
 * preempted has all its registers in its struct thread instead, and a few words there that
 * look like the stack of a thread that called switch_to from switch_resume.
 */
#include "pv/line.h"

/* void switch_to(unsigned long *save, unsigned long load): saves the stack pointer at save */
    .section .text.switch,"ax",@progbits
    .globl switch_to
    .type switch_to,@function
switch_to:
    push %rbp
    push %rbx
    push %r12
    push %r13
    push %r14
    push %r15
    sub $8, %rsp
    stmxcsr (%rsp)
    fnstcw 4(%rsp)
    mov %rsp, (%rdi)
    .globl switch_load
switch_load:
    mov %rsi, %rsp
    ldmxcsr (%rsp)
    fldcw 4(%rsp)
    add $8, %rsp
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbx
    pop %rbp
    ret
    .size switch_to, . - switch_to

/*
 * The rest of a preempted thread. The kernel stack is free in user mode, but for its end,
 * where Xen enters when a hypercall is made from here; nothing else can be relied on to hold
 * a call. Between events_on and iretq the registers are the thread's
 * already: an entry from there finds the interrupted code by switch_fix.
 */
    .globl switch_resume
    .type switch_resume,@function
switch_resume:
    mov %gs:GS_KERNEL_SP, %rsp
    sub $512, %rsp
    xor %ebp, %ebp
    call schedule_resume /* returns the thread, which begins with its frame */
    mov %rax, %rdi
    .globl switch_load_frame
switch_load_frame:
    mov %rdi, %rsp
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
    pop %rax
    pop %r11
    pop %rcx
    add $8, %rsp
    decq %gs:GS_DEPTH
    .globl switch_window
switch_window:
    movb $0, %gs:GS_MASK
    cmpb $0, %gs:GS_PENDING
    jne 1f
    iretq
1:  int $128 /* TRAP_EVENTS */
    .globl switch_window_end
switch_window_end:
    .size switch_resume, . - switch_resume

    .section .note.GNU-stack,"",@progbits
