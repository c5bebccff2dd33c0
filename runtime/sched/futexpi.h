/* SPDX-License-Identifier: MIT */
/*
 * Futexes whose word is a mutex with a known owner, who lends the rank of those that wait
 * (futex(2), FUTEX_LOCK_PI and its kin). Words are checked: aligned, and user addresses.
 */
#ifndef ATMAN_SCHED_FUTEXPI_H
#define ATMAN_SCHED_FUTEXPI_H

#include "sched/thread.h"

/*
 * Takes the mutex, once it is free; with only_try, if it is. Until system time until (ns;
 * 0: no limit). -EFAULT; -EDEADLK: it is the caller's, or would never be; -ESRCH: its owner
 * is not there; -EINVAL: the word is not what it should be; -ENOMEM; -ETIMEDOUT; -EAGAIN
 * for only_try.
 */
long futexpi_lock(uint32_t *word, uint64_t until, bool only_try);

/* Gives it to the first who waits. -EFAULT; -EPERM: it is another's; -EINVAL. */
long futexpi_unlock(uint32_t *word);

/* Does somebody wait for it in this way? */
bool futexpi_is_awaited(const uint32_t *word);

/* t ends: what it owns and others wait for is given to them, marked. */
void futexpi_end(struct thread *t);

/* Sets what a thread runs by. -ESRCH. */
long futexpi_set_policy(int tid, const struct thread_policy *policy);

#endif
