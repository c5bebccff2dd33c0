/* SPDX-License-Identifier: MIT */
/* The end of a detached thread, whose stack goes with it: the runtime has others to run on. */
#include "pthread_impl.h"

_Noreturn void atman_exit_unmap(void *start, size_t size);

_Noreturn void __unmapself(void *start, size_t size)
{
	atman_exit_unmap(start, size);
}
