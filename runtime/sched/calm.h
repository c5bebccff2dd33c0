/* SPDX-License-Identifier: MIT */
/*
 * Another domain may send events without end, each of which costs a kernel entry (XSA-391).
 * Events that had nothing to say make their port wait, longer each time; the first one that
 * had makes up for all.
 */
#ifndef ATMAN_SCHED_CALM_H
#define ATMAN_SCHED_CALM_H

#include "base.h"

struct calm {
    unsigned idle; /* events in a row that had nothing to say */
};

/* After an event: the moment (sched/clock.h) until which the port is to be masked, 0: it is
 * not. */
uint64_t calm_until(struct calm *calm, bool had_news);

#endif
