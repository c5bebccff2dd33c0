/* SPDX-License-Identifier: MIT */
/*
 * Links are up as long as the other end is connected and says that the cable is in. Nothing
 * that was sent to one that went is sent again: whoever wants that does it, as with any
 * loss.
 */
#include "net/front.h"

#include <errno.h>

#include "base/format.h"
#include "base/string.h"
#include "log/log.h"
#include "mm/heap.h"
#include "mm/page.h"
#include "net/pool.h"
#include "sched/clock.h"
#include "sched/hooks.h"
#include "sched/thread.h"
#include "sched/vcpu.h"
#include "xen/event.h"
#include "xen/suspend.h"
#include "xen/upcall.h"
#include "xenbus/wire.h"

enum {
    SHARE = 32, /* of the domain's memory, one part in so many is for frames to come */
    TARGET_LEAST = 64, /* pages, for a whole link */
    COPIES_LEAST = 20, /* for a packet of any kind, and the ring */
    COPIES_SHARE = 64,
};

#define PAUSE_NS (NS_PER_SEC / 500)

const struct link_user *net_user;

static struct lock links_lock = LOCK_INIT(LOCK_LINKS);
static struct list devices = {&devices, &devices};

static struct net_device *of_front(struct frontend *f) {
    return (struct net_device *)f;
}

/* --- references --------------------------------------------------------------------- */

static void free_device(struct net_device *d) {
    for (unsigned i = 0; i < NET_QUEUES; i++)
        if (d->queues[i])
            net_queue_free(d->queues[i]);
    heap_free(d->groups);
    heap_free(d);
}

void net_drop(struct net_device *d) {
    if (!__atomic_sub_fetch(&d->references, 1, __ATOMIC_SEQ_CST))
        free_device(d);
}

static struct net_device *hold(struct net_device *d) {
    __atomic_add_fetch(&d->references, 1, __ATOMIC_SEQ_CST);
    return d;
}

struct net_device *net_next(struct net_device *d) {
    struct net_device *next = NULL;

    lock_take(&links_lock);
    struct list *at = !d ? devices.next : d->is_removed ? &devices : d->node.next;
    if (at != &devices)
        next = hold(LIST_RECORD(at, struct net_device, node));
    lock_drop(&links_lock);
    if (d)
        net_drop(d);
    return next;
}

/* --- sending ------------------------------------------------------------------------ */

static struct net_queue *choose(struct net_device *d, uint32_t hash) {
    unsigned count = __atomic_load_n(&d->queue_count, __ATOMIC_ACQUIRE);

    return count ? d->queues[hash % count] : NULL;
}

static void count_out(struct link *link, const struct link_packet *packet) {
    uint64_t bytes = 0;

    for (unsigned i = 0; i < packet->count; i++)
        bytes += packet->pieces[i].size;
    __atomic_add_fetch(&link->counts.frames_out, 1, __ATOMIC_RELAXED);
    __atomic_add_fetch(&link->counts.bytes_out, bytes, __ATOMIC_RELAXED);
}

long link_send(struct link *link, const struct link_packet *packet) {
    struct net_device *d = LIST_RECORD(link, struct net_device, link);
    struct net_queue *q = choose(d, packet->hash);

    if (!q || !__atomic_load_n(&link->is_up, __ATOMIC_RELAXED))
        return -ENETDOWN;
    lock_take(&q->tx_lock);
    bool was_running = q->tx.state == NET_RUNNING;
    long result = net_tx_send(&q->tx, packet);
    if (!packet->more)
        net_tx_push(&q->tx);
    bool broke = was_running && q->tx.state == NET_BROKEN;
    __atomic_add_fetch(&link->counts.errors_out, q->tx.errors, __ATOMIC_RELAXED);
    q->tx.errors = 0;
    lock_drop(&q->tx_lock);
    if (result >= 0)
        count_out(link, packet);
    if (broke)
        frontend_misused(&d->front);
    return result;
}

void link_push(struct link *link) {
    struct net_device *d = LIST_RECORD(link, struct net_device, link);
    unsigned count = __atomic_load_n(&d->queue_count, __ATOMIC_ACQUIRE);

    for (unsigned i = 0; i < count; i++) {
        struct net_queue *q = d->queues[i];
        lock_take(&q->tx_lock);
        net_tx_push(&q->tx);
        lock_drop(&q->tx_lock);
    }
}

/* --- events ------------------------------------------------------------------------- */

static struct net_queue *find_queue(struct net_device *d, evtchn_port_t port) {
    for (unsigned i = 0; i < NET_QUEUES; i++) {
        struct net_queue *q = __atomic_load_n(&d->queues[i], __ATOMIC_ACQUIRE);
        if (q && (__atomic_load_n(&q->tx_port, __ATOMIC_RELAXED) == port ||
                  __atomic_load_n(&q->rx_port, __ATOMIC_RELAXED) == port))
            return q;
    }
    return NULL;
}

/* With the lock throughout, so that none is left out because another one goes. */
static void handle(void) {
    evtchn_port_t port = upcall_port();

    lock_take(&links_lock);
    for (struct list *at = devices.next; at != &devices; at = at->next) {
        struct net_queue *q = find_queue(LIST_RECORD(at, struct net_device, node), port);
        if (q)
            net_queue_event(q, port);
    }
    lock_drop(&links_lock);
}

/* --- the device --------------------------------------------------------------------- */

struct reader {
    struct net_reader reader;
    const struct frontend *f;
};

static long read_node(struct net_reader *reader, const char *name, char *value,
                      size_t size) {
    return frontend_read(((struct reader *)reader)->f, name, value, size);
}

static void read_offer(const struct net_device *d, struct net_offer *offer) {
    struct reader reader = {{read_node}, &d->front};

    net_offer_read(&reader.reader, offer);
}

/* What holds as long as the other end is connected. */
static long take_offer(struct net_device *d) {
    char mtu[8] = "";

    read_offer(d, &d->offer);
    if (!frontend_read_own(&d->front, "mtu", mtu, sizeof mtu))
        mtu[0] = '\0';
    d->link.mtu = net_offer_mtu(mtu, d->offer.features);
    d->link.features = d->offer.features;
    return d->offer.copies ? 0 : -EINVAL;
}

static struct frontend *add(const char *name) {
    unsigned number;
    struct net_device *d = net_offer_number(name, &number) ? heap_alloc(sizeof *d) : NULL;

    if (!d)
        return NULL;
    d->references = 1;
    d->link.number = number;
    format(d->link.name, sizeof d->link.name, "eth%u", number);
    lock_take(&links_lock);
    list_insert(&d->node, &devices);
    lock_drop(&links_lock);
    return &d->front;
}

/* The user knows of it once it has an address. */
static long introduce(struct net_device *d) {
    char text[18];

    if (!frontend_read_own(&d->front, "mac", text, sizeof text) ||
        !net_offer_mac(text, d->link.mac))
        return -EINVAL;
    long size = frontend_read(&d->front, "ip", d->link.said, sizeof d->link.said - 1);
    d->link.said[size > 0 && size < (long)sizeof d->link.said ? size : 0] = '\0';
    if (!d->is_added)
        net_user->added(&d->link);
    d->is_added = true;
    return 0;
}

static void set_up(struct net_device *d, bool is_up) {
    bool was_up = d->link.is_up;

    __atomic_store_n(&d->link.is_up, is_up, __ATOMIC_RELAXED);
    if (was_up != is_up)
        net_user->changed(&d->link);
}

static long look(struct frontend *f) {
    struct net_device *d = of_front(f);
    struct net_offer now;

    read_offer(d, &now);
    set_up(d, now.is_up);
    return 0;
}

static void carrier_changed(struct store_watch *watch) {
    look(&LIST_RECORD(watch, struct net_device, carrier)->front);
}

/* The backend's state is watched in any case, but this is no state. */
static void watch_carrier(struct net_device *d) {
    format(d->carrier_path, sizeof d->carrier_path, "%s/carrier", d->front.backend);
    ready_init(&d->carrier.ready);
    d->carrier.run = carrier_changed;
    d->is_watched = !store_watch_add(&d->carrier, d->carrier_path);
}

static void stop_watching(struct net_device *d) {
    if (d->is_watched)
        store_watch_remove(&d->carrier);
    d->is_watched = false;
}

static void disconnect(struct frontend *f) {
    struct net_device *d = of_front(f);
    bool was_up = d->link.is_up;

    stop_watching(d);
    __atomic_store_n(&d->link.is_up, false, __ATOMIC_RELAXED);
    for (unsigned i = 0; i < NET_QUEUES; i++)
        if (d->queues[i])
            net_queue_disconnect(d->queues[i]);
    if (was_up)
        net_user->changed(&d->link);
}

/* All queues together share a part of the domain's memory. */
static size_t share_of_memory(void) {
    size_t share = page_count() / SHARE;

    return share < TARGET_LEAST ? TARGET_LEAST : share;
}

static unsigned count_queues(const struct net_device *d) {
    size_t most = share_of_memory() / TARGET_LEAST;
    unsigned count = d->offer.queues ? vcpu_count() : 1;

    count = MIN(MIN(count, (unsigned)NET_QUEUES), (unsigned)MIN(most, (size_t)NET_QUEUES));
    return d->offer.queues ? MIN(count, d->offer.queues) : count;
}

static bool bind_ports(struct net_queue *q, bool splits) {
    domid_t other = q->device->front.other;
    evtchn_port_t tx = upcall_bind_new(other, handle);
    evtchn_port_t rx = tx && splits ? upcall_bind_new(other, handle) : tx;

    lock_take(&q->rx_lock);
    q->tx_port = tx;
    q->rx_port = rx;
    lock_drop(&q->rx_lock);
    return tx && rx;
}

static long make_queues(struct net_device *d, unsigned count) {
    size_t target = share_of_memory() / count;
    size_t copies = page_count() / COPIES_SHARE / count;
    long error = 0;

    target = MIN(target, (size_t)NET_RING);
    copies = copies < COPIES_LEAST ? COPIES_LEAST : MIN(copies, (size_t)NET_RING);
    for (unsigned i = 0; i < count && !error; i++) {
        if (!d->queues[i])
            __atomic_store_n(&d->queues[i], net_queue_new(d, i), __ATOMIC_RELEASE);
        if (!d->queues[i])
            return -ENOMEM;
        error = net_queue_make(d->queues[i], (unsigned)target, (unsigned)copies);
        if (!error && !bind_ports(d->queues[i], d->offer.splits))
            error = -ENOMEM;
    }
    return error;
}

static long make(struct frontend *f) {
    struct net_device *d = of_front(f);

    disconnect(f); /* of an earlier try */
    long error = take_offer(d);
    if (!error)
        error = introduce(d);
    if (error)
        return error;
    net_pool_open(f->other);
    unsigned count = count_queues(d);
    error = make_queues(d, count);
    if (error) {
        disconnect(f);
        return error;
    }
    __atomic_store_n(&d->queue_count, count, __ATOMIC_RELEASE);
    error = net_publish(d);
    return error == -ENOENT || error == -EIO ? 0 : error; /* it went: seen soon */
}

static long connect(struct frontend *f) {
    struct net_device *d = of_front(f);
    long error = take_offer(d);

    if (error)
        return error;
    for (unsigned i = 0; i < d->queue_count; i++)
        net_queue_connect(d->queues[i]);
    if (net_user->filters)
        net_groups_tell(d, true);
    set_up(d, d->offer.is_up);
    watch_carrier(d);
    log_debug("%s: %u queues of %u pages, features %x, MTU %u", d->link.name,
              d->queue_count, d->queues[0]->rx.target, d->link.features, d->link.mtu);
    return 0;
}

static void remove(struct frontend *f) {
    struct net_device *d = of_front(f);

    lock_take(&links_lock);
    list_remove(&d->node);
    d->is_removed = true;
    lock_drop(&links_lock);
    net_queues_wait();
    if (d->is_added)
        net_user->removed(&d->link);
    net_drop(d);
}

static const struct frontend_ops net_ops = {.path = "device/vif",
                                            .is_first = true,
                                            .add = add,
                                            .make = make,
                                            .connect = connect,
                                            .look = look,
                                            .disconnect = disconnect,
                                            .fail = disconnect,
                                            .remove = remove};

static struct frontend_class class = {.ops = &net_ops};

/* --- the beginning ------------------------------------------------------------------ */

/* Before anything else runs that might use the ports' numbers. */
static void go_on(bool is_elsewhere) {
    for (struct net_device *d = NULL; is_elsewhere && (d = net_next(d));)
        for (unsigned i = 0; i < NET_QUEUES; i++)
            if (d->queues[i])
                net_queue_forget(d->queues[i]);
}

long links_start(const struct link_user *user) {
    static struct suspend_step step = {.order = SUSPEND_RING, .go_on = go_on};

    if (!wire_is_open())
        return -ENODEV;
    net_user = user;
    scheduler_start();
    suspend_add(&step);
    return frontend_start(&class);
}

void links_wait(uint64_t until) {
    uint64_t now;

    while (!frontend_is_settled(&class) && (now = clock_monotonic()) < until) {
        thread_prepare(false);
        thread_sleep(now + PAUSE_NS);
        thread_finish();
    }
}
