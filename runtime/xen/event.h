/* SPDX-License-Identifier: MIT */
/*
 * Event channels. Until somebody binds a handler all events stay masked, and the one thread
 * that there is waits for a port in the hypervisor.
 */
#ifndef ATMAN_XEN_EVENT_H
#define ATMAN_XEN_EVENT_H

#include "base.h"
#include "xen/interface.h"

/* Forgets what port has signalled; call before looking at what the signal is about. */
void event_clear(evtchn_port_t port);

/* Lets port's signals interrupt, where events are not masked. */
void event_unmask(evtchn_port_t port);

/*
 * Blocks the vCPU until port has a signal pending or the domain's system time reaches until
 * (nanoseconds; 0: no limit). May return earlier: look again. Events must be masked.
 */
void event_wait(evtchn_port_t port, uint64_t until);

/* Blocks the vCPU until system time until (nanoseconds), or a little less. */
void event_sleep(uint64_t until);

/*
 * The one port that has a handler (xen/upcall.h) as long as there is no scheduler; 0: there
 * is none. A wait with events on ends for it as well.
 */
struct event_early {
    evtchn_port_t port;
    void (*handler)(void);
};
extern struct event_early event_early;

/* Signals the other end of port. */
void event_notify(evtchn_port_t port);

#endif
