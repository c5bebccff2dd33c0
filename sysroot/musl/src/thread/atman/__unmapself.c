/* SPDX-License-Identifier: MIT */
/* The end of a detached thread, whose stack goes with it: the runtime has others to run on. */
#include "pthread_impl.h"
#include "syscall.h"

_Noreturn void atman_exit_unmap(void *start, size_t size);
_Noreturn void atman_linux_unmap(void *start, size_t size);

_Noreturn void __unmapself(void *start, size_t size)
{
	if (!atman_is_guest) atman_linux_unmap(start, size);
	atman_exit_unmap(start, size);
}
