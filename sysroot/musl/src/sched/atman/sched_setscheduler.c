/* SPDX-License-Identifier: MIT */
/* By a thread's id, as under Linux. musl has none: its kernel's call is no process's. */
#include <sched.h>
#include "syscall.h"

int sched_setscheduler(pid_t tid, int policy, const struct sched_param *param)
{
	return syscall(SYS_sched_setscheduler, tid, policy, param);
}
