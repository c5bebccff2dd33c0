/* SPDX-License-Identifier: MIT */
/*
 * The functions of pv/access.h. None of them changes the stack, so that a fault anywhere
 * between access_start and access_end can be made a return of -EFAULT.
 */
    .section .text.access,"ax",@progbits
    .globl access_start
access_start:

    .globl user_read
    .type user_read,@function
    .globl user_write
    .type user_write,@function
user_read:
user_write:
    mov %rdx, %rcx
    cmp $16, %rdx /* a struct timespec */
    jne 1f
    mov (%rsi), %rax
    mov 8(%rsi), %rcx
    mov %rax, (%rdi)
    mov %rcx, 8(%rdi)
    xor %eax, %eax
    ret
1:  rep movsb
    xor %eax, %eax
    ret
    .size user_read, . - user_read
    .size user_write, . - user_write

    .globl user_write_pair
    .type user_write_pair,@function
user_write_pair:
    mov %rsi, (%rdi)
    mov %rdx, 8(%rdi)
    xor %eax, %eax
    ret
    .size user_write_pair, . - user_write_pair

    .globl user_load32
    .type user_load32,@function
user_load32:
    mov (%rdi), %ecx
    mov %ecx, (%rsi)
    xor %eax, %eax
    ret
    .size user_load32, . - user_load32

    .globl user_cas32
    .type user_cas32,@function
user_cas32:
    mov %esi, %eax
    mov %rcx, %r8
    lock cmpxchg %edx, (%rdi)
    mov %eax, (%r8)
    xor %eax, %eax
    ret
    .size user_cas32, . - user_cas32

    .globl access_end
access_end:
    .globl access_failed
access_failed:
    mov $-14, %rax /* -EFAULT */
    ret

    .section .note.GNU-stack,"",@progbits
