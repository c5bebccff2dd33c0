/* SPDX-License-Identifier: MIT */
/* The system call is a function call: there is no vDSO to be looked for. */
#include <time.h>
#include "syscall.h"

int __clock_gettime(clockid_t clock, struct timespec *now)
{
	long result = __syscall(SYS_clock_gettime, clock, now);

	return result ? __syscall_ret(result) : 0;
}

weak_alias(__clock_gettime, clock_gettime);
