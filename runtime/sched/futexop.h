/* SPDX-License-Identifier: MIT */
/* What FUTEX_WAKE_OP does with its second word (futex(2)). */
#ifndef ATMAN_SCHED_FUTEXOP_H
#define ATMAN_SCHED_FUTEXOP_H

#include "base.h"

/*
 * Changes the program's *word, in one step, as the coded operation says; then whether the
 * value before it compares as that says: 0 or 1. -EFAULT; -ENOSYS for an operation that
 * there is not, which changes nothing, or such a comparison, found after the change.
 */
long futexop_do(uint32_t *word, uint32_t code);

#endif
