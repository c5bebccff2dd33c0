/* SPDX-License-Identifier: MIT */
/*
 * Both directions of the console ring. The other side's indices are untrusted: each is
 * read once, and a distance beyond the ring's size counts as a full or an empty ring.
 * Each look at the ring is under a lock, waiting is not: what two threads write at once
 * mixes where the ring was full.
 */
#include "console/ring.h"

#include <errno.h>

#include "console/console.h"
#include "console/wait.h"
#include "pv/access.h"
#include "pv/pagetable.h"
#include "sched/hooks.h"
#include "xen/domain.h"
#include "xen/event.h"
#include "xen/time.h"

enum { DRAIN_NS = 5 * NS_PER_SEC, LOG_TICK_NS = 1000000 };

/* Found once: the frame's number is another one where the domain goes on elsewhere. */
static volatile struct xencons_interface *get_ring(void) {
    static volatile struct xencons_interface *ring;

    if (!ring)
        ring = pt_direct(xen_mfn_to_pfn(xen_start_info->console.domU.mfn));
    return ring;
}

static evtchn_port_t get_port(void) {
    return xen_start_info->console.domU.evtchn;
}

/* Copies size bytes, in two parts if they pass the ring's end. */
static long put(volatile struct xencons_interface *ring, uint32_t prod, const char *data,
                size_t size) {
    uint32_t at = MASK_XENCONS_IDX(prod, ring->out);
    size_t part = MIN(size, sizeof ring->out - at);
    long error = user_read((char *)ring->out + at, data, part);

    return error || part == size ? error
                                 : user_read((char *)ring->out, data + part, size - part);
}

static long get(volatile struct xencons_interface *ring, uint32_t cons, char *buffer,
                size_t size) {
    uint32_t at = MASK_XENCONS_IDX(cons, ring->in);
    size_t part = MIN(size, sizeof ring->in - at);
    long error = user_write(buffer, (char *)ring->in + at, part);

    return error || part == size ? error
                                 : user_write(buffer + part, (char *)ring->in, size - part);
}

long ring_put(volatile struct xencons_interface *ring, const char *data, size_t size) {
    uint32_t prod = ring->out_prod, used = prod - ring->out_cons;
    const uint32_t length = sizeof ring->out;

    memory_barrier();
    if (used >= length)
        return 0;
    size = MIN(size, length - used);
    long error = put(ring, prod, data, size);
    if (error)
        return error;
    barrier();
    ring->out_prod = prod + (uint32_t)size;
    memory_barrier();
    return (long)size;
}

long ring_get(volatile struct xencons_interface *ring, char *buffer, size_t size) {
    uint32_t cons = ring->in_cons, filled = ring->in_prod - cons;

    memory_barrier();
    if (!filled || filled > sizeof ring->in)
        return 0;
    size = MIN(size, filled);
    long error = get(ring, cons, buffer, size);
    if (error)
        return error;
    memory_barrier();
    ring->in_cons = cons + (uint32_t)size;
    return (long)size;
}

/* The same of the domain's own ring. Under the lock. */
static long try_write(const char *data, size_t size) {
    long n = ring_put(get_ring(), data, size);

    if (n > 0)
        event_notify(get_port());
    return n;
}

static long try_read(char *buffer, size_t size) {
    long n = ring_get(get_ring(), buffer, size);

    if (n > 0)
        event_notify(get_port());
    return n;
}

long ring_write(const char *data, size_t size) {
    size_t done = 0;
    long n = 0;

    while (done < size) {
        uint32_t begun = wait_begin(get_port());
        lock_take(&console_lock);
        n = try_write(data + done, size - done);
        lock_drop(&console_lock);
        if (!n && !wait_for_port(get_port(), begun, 0))
            n = -EINTR;
        if (n < 0)
            break;
        done += (size_t)n;
    }
    return done ? (long)done : n;
}

/* The port's events are the scheduler's, so the ring is looked at now and again. */
void ring_log(const char *data, size_t size) {
    uint64_t end = xen_time_system() + DRAIN_NS;

    while (size && xen_time_system() < end) {
        long n = try_write(data, size);
        if (n < 0)
            return;
        data += n;
        size -= (size_t)n;
        if (!n)
            event_sleep(xen_time_system() + LOG_TICK_NS);
    }
}

long ring_read(char *buffer, size_t size) {
    for (;;) {
        uint32_t begun = wait_begin(get_port());
        lock_take(&console_lock);
        long n = try_read(buffer, size);
        lock_drop(&console_lock);
        if (n)
            return n;
        if (!wait_for_port(get_port(), begun, 0))
            return -EINTR;
    }
}

void ring_drain(void) {
    volatile struct xencons_interface *ring = get_ring();
    uint64_t end = xen_time_system() + DRAIN_NS;

    for (;;) {
        uint32_t begun = wait_begin(get_port());
        if (ring->out_cons == ring->out_prod || xen_time_system() >= end)
            return;
        wait_for_port(get_port(), begun, end);
    }
}

void ring_listen(upcall_handler *handler) {
    scheduler->listen(get_port(), handler);
}

long ring_take(char *buffer, size_t size) {
    lock_take(&console_lock);
    long n = try_read(buffer, size);
    lock_drop(&console_lock);
    return n ? n : -EAGAIN;
}

long ring_show(const char *data, size_t size) {
    lock_take(&console_lock);
    long n = try_write(data, size);
    lock_drop(&console_lock);
    return n;
}
