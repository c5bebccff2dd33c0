/* SPDX-License-Identifier: MIT */
/*
 * Calls that wait with another mask of signals: ppoll, pselect, epoll_pwait. Between
 * handlers_hold and handlers_settle (sched/settle.h).
 */
#ifndef ATMAN_SYS_MASKED_H
#define ATMAN_SYS_MASKED_H

#include "base.h"

struct masked {
    bool is_set;
    uint64_t before;
};

/* *set, if set is not NULL, is the mask from now on. -EFAULT, -EINVAL. */
long masked_begin(struct masked *masked, const uint64_t *set, size_t size);

/*
 * handlers_settle, after which the mask is again what it was; handlers that interrupted the
 * wait are called with the call's own mask.
 */
bool masked_settle(const struct masked *masked, long *result);

#endif
