/* SPDX-License-Identifier: MIT */
/*
 * Where Xen enters the image (the ENTRY note), at the address where text was loaded: rsi is
 * the address of start_info, rsp the end of a page that the builder allocated behind the
 * page tables. Calls are relative and work there; anything else waits for the jump.
 */
#include "pv/layout.h"

    .section .text.atman_start,"ax",@progbits
    .globl atman_start
    .type atman_start,@function
atman_start:
    cld
    fninit
    mov %rsp, %r12
    mov $atman_boot_stack + BOOT_STACK_SIZE, %esp
    xor %ebp, %ebp
    mov %rsi, %rdi
    call pv_map_text
    mov $1f, %eax
    jmp *%rax
1:  mov %r12, %rdi
    call init_start
    ud2
    .size atman_start, . - atman_start

/*
 * void pv_enter_program(unsigned long stack, void (*entry)(void)), never returns: the
 * program starts as Linux would start it, in user mode, with argc at the stack pointer and
 * every other register 0; but with events masked, as they are.
 */
    .globl pv_enter_program
    .type pv_enter_program,@function
pv_enter_program:
    push $0xe02b
    push %rdi
    push $0x2 /* rflags: what is always 1 */
    push $0xe033
    push %rsi
    push $0 /* Xen's flags, rcx, r11, rax */
    push $0
    push $0
    push $0
    xor %ebx, %ebx
    xor %ecx, %ecx
    xor %edx, %edx
    xor %edi, %edi
    xor %ebp, %ebp
    xor %r8d, %r8d
    xor %r9d, %r9d
    xor %r10d, %r10d
    xor %r11d, %r11d
    xor %r12d, %r12d
    xor %r13d, %r13d
    xor %r14d, %r14d
    xor %r15d, %r15d
    xor %esi, %esi
    mov $23, %eax /* the iret hypercall */
    jmp HYPERCALL_INSTRUCTION
    .size pv_enter_program, . - pv_enter_program

    /* The boot stack is the first vCPU's kernel stack once the program has its own. */
    .section .bss.atman.page.boot_stack,"aw",@nobits
    .balign 4096
    .globl atman_boot_stack
    .type atman_boot_stack,@object
atman_boot_stack:
    .zero BOOT_STACK_SIZE
    .size atman_boot_stack, BOOT_STACK_SIZE

    .section .bss.atman.page.shared_info,"aw",@nobits
    .balign 4096
    .globl xen_shared_info
    .type xen_shared_info,@object
xen_shared_info:
    .zero 4096
    .size xen_shared_info, 4096
    .globl vcpu_lines
    .type vcpu_lines,@object
vcpu_lines: /* pv/line.h: a page behind */
    .zero 2048
    .size vcpu_lines, 2048

    .section .note.GNU-stack,"",@progbits
