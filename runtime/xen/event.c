/* SPDX-License-Identifier: MIT */
/* Waiting on event channels by SCHEDOP_poll, which needs no upcall and no handler. */
#include "xen/event.h"

#include "pv/line.h"
#include "xen/domain.h"
#include "xen/hypercall.h"
#include "xen/lock.h"
#include "xen/time.h"

uint32_t *event_words;

void event_clear(evtchn_port_t port) {
    if (event_words)
        __atomic_fetch_and(&event_words[port], ~EVENT_PENDING, __ATOMIC_SEQ_CST);
    else
        __atomic_fetch_and(&xen_shared_info.evtchn_pending[port / 64], ~(1ul << port % 64),
                           __ATOMIC_SEQ_CST);
}

void event_mask(evtchn_port_t port) {
    if (event_words)
        __atomic_fetch_or(&event_words[port], EVENT_MASKED, __ATOMIC_SEQ_CST);
    else
        __atomic_fetch_or(&xen_shared_info.evtchn_mask[port / 64], 1ul << port % 64,
                          __ATOMIC_SEQ_CST);
}

/* Xen passes on what is pending by then, which a change of the bit alone would not. */
void event_unmask(evtchn_port_t port) {
    struct evtchn_unmask unmask = {.port = port};

    xen_event_channel_op(EVTCHNOP_unmask, &unmask);
}

struct event_early event_early;

/*
 * The hypercall is made with events masked, which would keep the early one waiting. They
 * are off from the look at the clock on, so that Xen's is not another one by then.
 */
static void poll(evtchn_port_t *ports, unsigned count, uint64_t until) {
    struct sched_poll poll = {.nr_ports = count};

    if (event_early.port && !THIS_LINE->depth) {
        ports[count] = event_early.port;
        poll.nr_ports++;
    }
    set_xen_guest_handle(poll.ports, ports);
    events_off();
    if (until)
        poll.timeout = xen_time_own(until);
    xen_sched_op(SCHEDOP_poll, &poll);
    events_on();
}

void event_wait(evtchn_port_t port, uint64_t until) {
    evtchn_port_t ports[2] = {port};

    poll(ports, 1, until);
}

void event_sleep(uint64_t until) {
    evtchn_port_t ports[1];

    poll(ports, 0, until);
}

void event_notify(evtchn_port_t port) {
    struct evtchn_send send = {.port = port};

    xen_event_channel_op(EVTCHNOP_send, &send);
}
