/* SPDX-License-Identifier: MIT */
/* Threads that wait for the other side of an event channel. */
#ifndef ATMAN_SCHED_PORTWAIT_H
#define ATMAN_SCHED_PORTWAIT_H

#include "base.h"
#include "xen/interface.h"

/* How many events have come so far on ports that somebody waits or waited for. */
uint32_t portwait_count(void);

/*
 * Waits until there are others than seen, or system time until (ns; 0: no limit). It may be
 * another port's event that ends it: look again. False: a signal came.
 */
bool portwait(evtchn_port_t port, uint32_t seen, uint64_t until);

/* The ports are gone: who waits for one looks again. */
void portwait_again(void);

/* handler, too, is called for each such event, in a kernel entry; for this port as well,
 * whether or not somebody waits. Once. */
void portwait_listen(evtchn_port_t port, void (*handler)(void));

#endif
