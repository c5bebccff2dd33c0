/* SPDX-License-Identifier: MIT */
/* Waiting on event channels by SCHEDOP_poll, which needs no upcall and no handler. */
#include "xen/event.h"

#include "xen/domain.h"
#include "xen/hypercall.h"

void event_clear(evtchn_port_t port) {
    __atomic_fetch_and(&xen_shared_info.evtchn_pending[port / 64], ~(1ul << port % 64),
                       __ATOMIC_SEQ_CST);
}

static void poll(evtchn_port_t *ports, unsigned count, uint64_t until) {
    struct sched_poll poll = {.nr_ports = count, .timeout = until};

    set_xen_guest_handle(poll.ports, ports);
    xen_sched_op(SCHEDOP_poll, &poll);
}

void event_wait(evtchn_port_t port, uint64_t until) {
    poll(&port, 1, until);
}

void event_sleep(uint64_t until) {
    poll(NULL, 0, until);
}

void event_notify(evtchn_port_t port) {
    struct evtchn_send send = {.port = port};

    xen_event_channel_op(EVTCHNOP_send, &send);
}
