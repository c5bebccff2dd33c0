/* SPDX-License-Identifier: MIT */
/*
 * Both directions of the console ring. The other side's indices are untrusted: each is
 * read once, and a distance beyond the ring's size counts as a full or an empty ring.
 */
#include "console/ring.h"

#include "pv/pagetable.h"
#include "xen/domain.h"
#include "xen/event.h"
#include "xen/time.h"

enum { DRAIN_NS = 5 * NS_PER_SEC };

static volatile struct xencons_interface *get_ring(void) {
    return pt_direct(xen_mfn_to_pfn(xen_start_info->console.domU.mfn));
}

static evtchn_port_t get_port(void) {
    return xen_start_info->console.domU.evtchn;
}

void ring_write(const char *data, size_t size) {
    volatile struct xencons_interface *ring = get_ring();
    const uint32_t length = sizeof ring->out;

    while (size) {
        event_clear(get_port());
        uint32_t prod = ring->out_prod, used = prod - ring->out_cons;
        memory_barrier();
        if (used >= length) {
            event_wait(get_port(), 0);
            continue;
        }
        for (; used < length && size; used++, size--)
            ring->out[MASK_XENCONS_IDX(prod++, ring->out)] = *data++;
        barrier();
        ring->out_prod = prod;
        memory_barrier();
        event_notify(get_port());
    }
}

size_t ring_read(char *buffer, size_t size) {
    volatile struct xencons_interface *ring = get_ring();
    const uint32_t length = sizeof ring->in;
    size_t n = 0;

    for (;;) {
        event_clear(get_port());
        uint32_t cons = ring->in_cons, filled = ring->in_prod - cons;
        memory_barrier();
        if (filled > length)
            filled = 0;
        for (; n < size && n < filled; n++)
            buffer[n] = ring->in[MASK_XENCONS_IDX(cons++, ring->in)];
        if (n) {
            memory_barrier();
            ring->in_cons = cons;
            event_notify(get_port());
            return n;
        }
        event_wait(get_port(), 0);
    }
}

void ring_drain(void) {
    volatile struct xencons_interface *ring = get_ring();
    uint64_t end = xen_time_system() + DRAIN_NS;

    for (;;) {
        event_clear(get_port());
        if (ring->out_cons == ring->out_prod || xen_time_system() >= end)
            return;
        event_wait(get_port(), end);
    }
}
