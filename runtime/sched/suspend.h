/* SPDX-License-Identifier: MIT */
/* All vCPUs but the first stand still while the domain is suspended. */
#ifndef ATMAN_SCHED_SUSPEND_H
#define ATMAN_SCHED_SUSPEND_H

/* With the scheduler. */
void suspend_vcpus_too(void);

/* At the end of an upcall of user mode: this vCPU stands still if it is to. */
void suspend_park(void);

#endif
