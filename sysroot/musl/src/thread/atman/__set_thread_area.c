/* SPDX-License-Identifier: MIT */
/* The thread pointer is the base of %fs; the runtime sets it. */
#include "pthread_impl.h"
#include "syscall.h"

int __set_thread_area(void *p)
{
	enum { ARCH_SET_FS = 0x1002 };
	return __syscall(SYS_arch_prctl, ARCH_SET_FS, p);
}
