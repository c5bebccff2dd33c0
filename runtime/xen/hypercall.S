/* SPDX-License-Identifier: MIT */
/*
 * The one hypercall instruction of an image: everything that is to reach the hypervisor
 * goes through here, so a `syscall` anywhere else is a mistake that a check can find.
 *
 *   long hypercall(a1, a2, a3, a4, a5, number)
 *
 * Arguments are in rdi, rsi, rdx, r10, r8 and the number in rax, the result in rax
 * (xen/include/public/arch-x86/xen-x86_64.h); rcx and r11 are lost, as in any call. In user
 * mode the instruction leads to pv/entry.S, which makes the hypercall and comes back.
 */
    .section .text.hypercall,"ax",@progbits
    .globl hypercall
    .type hypercall,@function
hypercall:
    mov %rcx, %r10
    mov %r9, %rax
    syscall
    .globl hypercall_return
hypercall_return:
    ret
    .size hypercall, . - hypercall
    .section .note.GNU-stack,"",@progbits
