/* SPDX-License-Identifier: MIT */
/* By a thread's id, as under Linux. musl has none: its kernel's call is no process's. */
#include <sched.h>
#include "syscall.h"

int sched_getparam(pid_t tid, struct sched_param *param)
{
	return syscall(SYS_sched_getparam, tid, param);
}
