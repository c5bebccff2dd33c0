/* SPDX-License-Identifier: MIT */
/*
 * Without queues there are two levels of bits (xen/include/public/xen.h, struct
 * shared_info): a vCPU has a word of selectors, each for a word of ports. Ports of several
 * vCPUs share a word, so each vCPU looks only at its own.
 */
#include "xen/upcall.h"

#include "base/string.h"
#include "pv/line.h"
#include "xen/domain.h"
#include "xen/event.h"
#include "xen/fifo.h"
#include "xen/hypercall.h"

enum { WORD = 64 };

static struct {
    upcall_handler *handler;
    unsigned vcpu;
} ports[EVENT_PORTS];

static unsigned long counts[XEN_LEGACY_MAX_VCPUS]; /* each changed by its vCPU */

unsigned long upcall_count(void) {
    unsigned long all = 0;

    for (unsigned i = 0; i < ARRAY_SIZE(counts); i++)
        all += counts[i];
    return all;
}

static void bind(evtchn_port_t port, unsigned vcpu, upcall_handler *handler) {
    ports[port].vcpu = vcpu;
    ports[port].handler = handler;
    event_clear(port);
    if (handler)
        event_unmask(port);
    else
        event_mask(port);
}

evtchn_port_t upcall_bind_virq(unsigned virq, unsigned vcpu, upcall_handler *handler) {
    struct evtchn_bind_virq op = {.virq = virq, .vcpu = vcpu};

    if (xen_event_channel_op(EVTCHNOP_bind_virq, &op) < 0 || op.port >= EVENT_PORTS)
        return 0;
    bind(op.port, vcpu, handler);
    return op.port;
}

evtchn_port_t upcall_bind_ipi(unsigned vcpu, upcall_handler *handler) {
    struct evtchn_bind_ipi op = {.vcpu = vcpu};

    if (xen_event_channel_op(EVTCHNOP_bind_ipi, &op) < 0 || op.port >= EVENT_PORTS)
        return 0;
    bind(op.port, vcpu, handler);
    return op.port;
}

void upcall_bind(evtchn_port_t port, upcall_handler *handler) {
    if (port < EVENT_PORTS)
        bind(port, 0, handler);
}

void upcall_forget(void) {
    memset(ports, 0, sizeof ports);
    event_words = NULL;
}

evtchn_port_t upcall_bind_new(domid_t other, upcall_handler *handler) {
    struct evtchn_alloc_unbound op = {.dom = DOMID_SELF, .remote_dom = other};

    if (xen_event_channel_op(EVTCHNOP_alloc_unbound, &op) < 0 || op.port >= EVENT_PORTS)
        return 0;
    bind(op.port, 0, handler);
    return op.port;
}

void upcall_free(evtchn_port_t port) {
    struct evtchn_close op = {.port = port};

    event_mask(port);
    ports[port].handler = NULL;
    xen_event_channel_op(EVTCHNOP_close, &op);
}

static evtchn_port_t current; /* changed by the first vCPU */

evtchn_port_t upcall_port(void) {
    return current;
}

static void run_port(evtchn_port_t port) {
    upcall_handler *handler = __atomic_load_n(&ports[port].handler, __ATOMIC_RELAXED);

    if (!handler)
        return;
    event_clear(port);
    counts[THIS_LINE->index]++;
    if (!THIS_LINE->index)
        current = port;
    handler();
}

static void run_word(unsigned word, unsigned vcpu) {
    unsigned long ready =
        xen_shared_info.evtchn_pending[word] & ~xen_shared_info.evtchn_mask[word];

    for (; ready; ready &= ready - 1) {
        evtchn_port_t port = word * WORD + (unsigned)__builtin_ctzl(ready);
        if (port < EVENT_PORTS && ports[port].vcpu == vcpu)
            run_port(port);
    }
}

static void run_words(unsigned vcpu, struct vcpu_info *info) {
    unsigned long words =
        __atomic_exchange_n(&info->evtchn_pending_sel, 0, __ATOMIC_SEQ_CST);

    for (; words; words &= words - 1)
        run_word((unsigned)__builtin_ctzl(words), vcpu);
}

void upcall_run(void) {
    unsigned vcpu = THIS_LINE->index;
    struct vcpu_info *info = &xen_shared_info.vcpu_info[vcpu];

    while (__atomic_exchange_n(&info->evtchn_upcall_pending, 0, __ATOMIC_SEQ_CST)) {
        if (event_words)
            fifo_run(vcpu, run_port);
        else
            run_words(vcpu, info);
    }
}
