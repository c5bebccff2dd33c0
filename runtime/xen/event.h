/* SPDX-License-Identifier: MIT */
/*
 * Event channels, as far as one thread needs them: it waits for one in the hypervisor.
 * Events stay masked; a pending bit is all that is looked at.
 */
#ifndef ATMAN_XEN_EVENT_H
#define ATMAN_XEN_EVENT_H

#include "base.h"
#include "xen/interface.h"

/* Forgets what port has signalled; call before looking at what the signal is about. */
void event_clear(evtchn_port_t port);

/*
 * Blocks until port has a signal pending or the domain's system time reaches until
 * (nanoseconds; 0: no limit). May return earlier: look again.
 */
void event_wait(evtchn_port_t port, uint64_t until);

/* Blocks until system time until (nanoseconds), or a little less: look at the clock. */
void event_sleep(uint64_t until);

/* Signals the other end of port. */
void event_notify(evtchn_port_t port);

#endif
