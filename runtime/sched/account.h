/* SPDX-License-Identifier: MIT */
/* What the domain has used, by the hypervisor's own account. */
#ifndef ATMAN_SCHED_ACCOUNT_H
#define ATMAN_SCHED_ACCOUNT_H

/*
 * Logs, for debugging, how long each vCPU has run since the scheduler has had it, and how
 * often a timer has interrupted it.
 */
void account_log(void);

#endif
