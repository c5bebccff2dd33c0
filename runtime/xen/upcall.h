/* SPDX-License-Identifier: MIT */
/* Events with handlers: which vCPU gets them and what is called there. */
#ifndef ATMAN_XEN_UPCALL_H
#define ATMAN_XEN_UPCALL_H

#include "base.h"
#include "xen/interface.h"

/* Called on the vCPU that the port is bound to, in a kernel entry: events stay masked. */
typedef void upcall_handler(void);

/*
 * The virtual interrupt virq of that vCPU, or a port by which other vCPUs reach it (handler
 * NULL: it is only waited for, by event_wait). The port, 0 if Xen refuses.
 */
evtchn_port_t upcall_bind_virq(unsigned virq, unsigned vcpu, upcall_handler *handler);
evtchn_port_t upcall_bind_ipi(unsigned vcpu, upcall_handler *handler);

/* A port that exists by now, handled on the first vCPU. */
void upcall_bind(evtchn_port_t port, upcall_handler *handler);

/* Nobody handles any port, and Xen delivers by bits: the domain was moved. */
void upcall_forget(void);

/*
 * A new port, which that domain may bind its end to, handled on the first vCPU; 0 if Xen
 * refuses. upcall_free ends it: its handler may be running, but does not begin any more.
 */
evtchn_port_t upcall_bind_new(domid_t other, upcall_handler *handler);
void upcall_free(evtchn_port_t port);

/* In a handler on the first vCPU: of which port the event is. */
evtchn_port_t upcall_port(void);

/* How many events have been handled. */
unsigned long upcall_count(void);

/* Calls the handlers of what is pending on this vCPU. In a kernel entry only. */
void upcall_run(void);

#endif
