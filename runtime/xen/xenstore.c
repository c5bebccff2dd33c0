/* SPDX-License-Identifier: MIT */
/*
 * One request at a time over the ring that the toolstack shares. Its indices are the
 * other side's to write and are not trusted beyond the ring's size.
 */
#include "xen/xenstore.h"

#include "base/string.h"
#include "pv/pagetable.h"
#include "xen/domain.h"
#include "xen/event.h"
#include "xen/time.h"
#include <xen/io/xs_wire.h>

enum { LIMIT_NS = 5 * NS_PER_SEC };

struct store {
    volatile struct xenstore_domain_interface *ring;
    evtchn_port_t port;
    uint64_t deadline;
};

static bool send(struct store *s, const void *data, size_t size) {
    const char *from = data;

    while (size) {
        event_clear(s->port);
        uint32_t prod = s->ring->req_prod;
        memory_barrier();
        if (prod - s->ring->req_cons >= XENSTORE_RING_SIZE) {
            if (xen_time_system() >= s->deadline)
                return false;
            event_notify(s->port); /* what there is so far can be taken */
            event_wait(s->port, s->deadline);
            continue;
        }
        s->ring->req[MASK_XENSTORE_IDX(prod)] = *from++;
        size--;
        barrier();
        s->ring->req_prod = prod + 1;
    }
    memory_barrier();
    event_notify(s->port);
    return true;
}

static bool receive(struct store *s, void *data, size_t size) {
    char *to = data;

    while (size) {
        event_clear(s->port);
        uint32_t cons = s->ring->rsp_cons, filled = s->ring->rsp_prod - cons;
        memory_barrier();
        if (!filled || filled > XENSTORE_RING_SIZE) {
            if (xen_time_system() >= s->deadline)
                return false;
            event_wait(s->port, s->deadline);
            continue;
        }
        *to++ = s->ring->rsp[MASK_XENSTORE_IDX(cons)];
        size--;
        memory_barrier();
        s->ring->rsp_cons = cons + 1;
    }
    event_notify(s->port);
    return true;
}

bool xenstore_write(const char *path, const void *value, size_t size) {
    struct store s = {pt_direct(xen_mfn_to_pfn(xen_start_info->store_mfn)),
                      xen_start_info->store_evtchn, xen_time_system() + LIMIT_NS};
    size_t path_size = strlen(path) + 1;
    struct xsd_sockmsg message = {.type = XS_WRITE, .len = (uint32_t)(path_size + size)};
    char body[16];

    if (!send(&s, &message, sizeof message) || !send(&s, path, path_size) ||
        !send(&s, value, size) || !receive(&s, &message, sizeof message))
        return false;
    if (message.len > XENSTORE_PAYLOAD_MAX)
        return false;
    for (size_t left = message.len; left;) {
        size_t part = MIN(left, sizeof body);
        if (!receive(&s, body, part))
            return false;
        left -= part;
    }
    return message.type == XS_WRITE;
}
