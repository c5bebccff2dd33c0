/* SPDX-License-Identifier: MIT */
/*
 * Event channels. Until somebody binds a handler all events stay masked, and the one thread
 * that there is waits for a port in the hypervisor.
 */
#ifndef ATMAN_XEN_EVENT_H
#define ATMAN_XEN_EVENT_H

#include "base.h"
#include "xen/interface.h"

/* No more than the toolstack gives a domain, unless it is told to (event_channels=). */
enum { EVENT_PORTS = 1024 };

/* Of a port's word, where there is one. */
#define EVENT_PENDING (1u << EVTCHN_FIFO_PENDING)
#define EVENT_MASKED (1u << EVTCHN_FIFO_MASKED)

/* A word a port, if Xen delivers by queues (xen/fifo.h); NULL: by bits in shared_info. */
extern uint32_t *event_words;

/* Forgets what port has signalled; call before looking at what the signal is about. */
void event_clear(evtchn_port_t port);

/*
 * Whether port's signals interrupt, where events are not masked: also the one that came
 * before it was unmasked, unless it was cleared.
 */
void event_mask(evtchn_port_t port);
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
