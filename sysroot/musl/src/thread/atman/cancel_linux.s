# SPDX-License-Identifier: MIT
# long __linux_cancelable(volatile int *cancel, number, a, b, c, d, e, f): Linux's call, or, if
# *cancel is set before the instruction, what __cancel returns. Its handler finds out whether
# it interrupted that, and then goes on at __linux_canceled (pthread_cancel.c).
.global __linux_cancelable
.hidden __linux_cancelable
.type __linux_cancelable,@function
__linux_cancelable:
	mov (%rdi),%eax
	test %eax,%eax
	jnz __linux_canceled
	mov %rsi,%rax
	mov %rdx,%rdi
	mov %rcx,%rsi
	mov %r8,%rdx
	mov %r9,%rcx
	mov 8(%rsp),%r8
	mov 16(%rsp),%r9
	call atman_linux_call
.global __linux_cancelable_end
.hidden __linux_cancelable_end
__linux_cancelable_end:
	ret
.global __linux_canceled
.hidden __linux_canceled
__linux_canceled:
	.hidden __cancel
	jmp __cancel
.size __linux_cancelable,.-__linux_cancelable
