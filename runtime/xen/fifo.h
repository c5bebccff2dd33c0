/* SPDX-License-Identifier: MIT */
/*
 * The better of Xen's two ways of delivery (xen/include/public/event_channel.h, "FIFO"): a
 * vCPU's ports are handled in the order of their events, so none can starve another, and
 * none is looked at that has no event. Xen offers it unless told not to.
 */
#ifndef ATMAN_XEN_FIFO_H
#define ATMAN_XEN_FIFO_H

#include "base.h"
#include "xen/interface.h"

/*
 * Before the ports of that vCPU are bound, for vCPU 0 first: with that the domain changes
 * over if Xen offers that: what was pending stays so, and every port is masked. False: the
 * vCPU cannot have events.
 */
bool fifo_start(unsigned vcpu);

/* Calls handle for what is in this vCPU's queue, in a kernel entry. */
void fifo_run(unsigned vcpu, void (*handle)(evtchn_port_t port));

#endif
