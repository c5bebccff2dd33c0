/* SPDX-License-Identifier: MIT */
/*
 * Responses are taken in the event's handler, a few each time: what is left is for a timer,
 * so that other events have their turn. Events that have nothing to say make the port wait,
 * longer each time: a backend that sends them without end costs no more than a timer does
 * (XSA-391).
 */
#include "block/disk.h"

#include <errno.h>
#include <poll.h>

#include "base/format.h"
#include "base/string.h"
#include "log/log.h"
#include "mm/heap.h"
#include "mm/page.h"
#include "sched/clock.h"
#include "sched/hooks.h"
#include "sched/mutex.h"
#include "sched/thread.h"
#include "xen/event.h"
#include "xen/grant.h"
#include "xen/suspend.h"
#include "xen/upcall.h"
#include "xenbus/wire.h"

enum {
    RING_PAGES = 4,
    TAKEN = 16,       /* responses for one event */
    PAGES_LEAST = 66, /* shared: a request of the largest kind, and the ring */
    PAGES_MOST = 1024,
    PAGES_SHARE = 32, /* of the domain's memory, one in so many at most */
};

#define PAUSE_NS (NS_PER_SEC / 500)
#define LIMIT_NS (30 * NS_PER_SEC)

static struct lock disks_lock = LOCK_INIT(LOCK_DISKS);
static struct list disks = {&disks, &disks};

static struct disk *of_front(struct frontend *f) {
    return (struct disk *)f;
}

static struct disk *of_ring(struct block_ring *ring) {
    return LIST_RECORD(ring, struct disk, ring);
}

/* --- references --------------------------------------------------------------------- */

void disk_drop(struct disk *d) {
    if (__atomic_sub_fetch(&d->references, 1, __ATOMIC_SEQ_CST))
        return;
    heap_free(d);
}

struct disk *disk_next(struct disk *d) {
    struct disk *next = NULL;

    lock_take(&disks_lock);
    struct list *at = !d ? disks.next : d->is_removed ? &disks : d->node.next;
    if (at != &disks)
        next = disk_hold(LIST_RECORD(at, struct disk, node));
    lock_drop(&disks_lock);
    if (d)
        disk_drop(d);
    return next;
}

static struct disk *find_port(evtchn_port_t port) {
    struct disk *found = NULL;

    lock_take(&disks_lock);
    for (struct list *at = disks.next; at != &disks && !found; at = at->next) {
        struct disk *d = LIST_RECORD(at, struct disk, node);
        if (__atomic_load_n(&d->port, __ATOMIC_RELAXED) == port)
            found = disk_hold(d);
    }
    lock_drop(&disks_lock);
    return found;
}

/* --- the ring's needs --------------------------------------------------------------- */

static void notify(struct block_ring *ring) {
    event_notify(of_ring(ring)->port);
}

static unsigned count_most(void) {
    size_t share = page_count() / PAGES_SHARE;

    return share < PAGES_LEAST ? PAGES_LEAST : (unsigned)MIN(share, (size_t)PAGES_MOST);
}

static struct block_page *make_page(struct block_ring *ring) {
    struct disk *d = of_ring(ring);
    struct block_page *page = d->pages < count_most() ? heap_alloc(sizeof *page) : NULL;
    long ref;

    if (!page)
        return NULL;
    page->memory = grant_new(d->front.other, false, &ref);
    if (!page->memory) {
        heap_free(page);
        return NULL;
    }
    page->ref = (uint32_t)ref;
    d->pages++;
    return page;
}

static void drop_page(struct block_ring *ring, struct block_page *page) {
    grant_free(page->ref);
    heap_free(page);
    of_ring(ring)->pages--;
}

static const struct block_ring_ops ring_ops = {
    .notify = notify, .make_page = make_page, .drop_page = drop_page};

/* --- requests ----------------------------------------------------------------------- */

static void end_done(struct disk *d) {
    for (;;) {
        struct disk_request *r = NULL;
        lock_take(&d->lock);
        if (!list_is_empty(&d->ring.done)) {
            r = LIST_RECORD(d->ring.done.next, struct disk_request, block.node);
            list_remove(&r->block.node);
        }
        lock_drop(&d->lock);
        if (!r)
            return;
        r->end(r);
    }
}

void disk_submit(struct disk *d, struct disk_request *r) {
    lock_take(&d->lock);
    if (r->block.kind != BLOCK_READ)
        d->is_unflushed = r->block.kind != BLOCK_FLUSH;
    block_ring_submit(&d->ring, &r->block);
    bool is_done = !list_is_empty(&d->ring.done);
    lock_drop(&d->lock);
    if (is_done)
        end_done(d);
}

static void wake(struct disk_request *r) {
    thread_wake(LIST_RECORD(r, struct disk_call, request)->thread, WAKE_EVENT);
}

long disk_do(struct disk *d, struct disk_call *call) {
    call->request.end = wake;
    call->thread = thread_current();
    thread_prepare(false);
    disk_submit(d, &call->request);
    thread_sleep(0);
    thread_finish();
    return call->request.block.error;
}

long disk_flush(struct disk *d) {
    struct disk_call call = {.request.block.kind = BLOCK_FLUSH};

    return disk_do(d, &call);
}

bool disk_is_unflushed(struct disk *d) {
    lock_take(&d->lock);
    bool is_unflushed = d->is_unflushed && d->ring.state != BLOCK_BROKEN;
    lock_drop(&d->lock);
    return is_unflushed;
}

bool disk_describe(struct disk *d, struct block_published *is) {
    lock_take(&d->lock);
    bool was_connected = d->was_connected;
    *is = d->is;
    lock_drop(&d->lock);
    return was_connected;
}

bool disk_is_out(struct disk *d) {
    lock_take(&d->lock);
    bool is_out = d->ring.state == BLOCK_BROKEN;
    lock_drop(&d->lock);
    return is_out;
}

/* --- events ------------------------------------------------------------------------- */

/* When the port is to be looked at again, 0: at its next event. Under the lock. */
static uint64_t judge(struct disk *d, enum block_taken taken) {
    uint64_t until = calm_until(&d->calm, taken != BLOCK_NOTHING);

    d->answers += taken != BLOCK_NOTHING;
    return taken == BLOCK_MORE ? clock_monotonic() : until;
}

/* Under the lock. */
static void pause(struct disk *d, uint64_t until) {
    if (!until || !d->port || d->later.queued)
        return;
    event_mask(d->port);
    disk_hold(d);
    timer_set(&d->later, until);
}

static void attend(struct disk *d) {
    lock_take(&d->lock);
    bool was_running = d->ring.state == BLOCK_RUNNING;
    enum block_taken taken = block_ring_take(&d->ring, TAKEN);
    if (was_running)
        pause(d, judge(d, taken));
    bool broke = was_running && d->ring.state == BLOCK_BROKEN;
    lock_drop(&d->lock);
    end_done(d);
    if (broke)
        frontend_misused(&d->front);
}

static void look_again(struct timer *timer) {
    struct disk *d = LIST_RECORD(timer, struct disk, later);

    lock_take(&d->lock);
    if (d->port)
        event_unmask(d->port);
    lock_drop(&d->lock);
    attend(d);
    disk_drop(d);
}

static void handle(void) {
    struct disk *d = find_port(upcall_port());

    if (!d)
        return;
    attend(d);
    disk_drop(d);
}

/* --- the domain's end ---------------------------------------------------------------- */

bool disk_is_busy(struct disk *d, uint32_t *answers) {
    lock_take(&d->lock);
    bool is_busy = d->ring.sent != d->ring.taken || !list_is_empty(&d->ring.waiting);
    *answers = d->answers;
    lock_drop(&d->lock);
    return is_busy && d->ring.state != BLOCK_BROKEN;
}

void disk_give_up(struct disk *d) {
    lock_take(&d->lock);
    block_ring_break(&d->ring);
    lock_drop(&d->lock);
    end_done(d);
}

void disk_poll(struct disk *d) {
    lock_take(&d->lock);
    if (block_ring_take(&d->ring, TAKEN) != BLOCK_NOTHING)
        d->answers++;
    lock_drop(&d->lock);
    end_done(d);
}

/* --- the frontend ------------------------------------------------------------------- */

struct reader {
    struct block_reader reader;
    const struct frontend *f;
};

static long read_node(struct block_reader *reader, const char *name, char *value,
                      size_t size) {
    return frontend_read(((struct reader *)reader)->f, name, value, size);
}

static struct frontend *add(const char *name) {
    struct block_number number;
    struct disk *d = block_number(name, &number) ? heap_alloc(sizeof *d) : NULL;

    if (!d)
        return NULL;
    d->references = 1;
    d->number = number;
    lock_init(&d->lock, LOCK_OBJECT);
    block_ring_init(&d->ring, &ring_ops);
    d->later.fire = look_again;
    lock_take(&disks_lock);
    list_insert(&d->node, &disks);
    lock_drop(&disks_lock);
    return &d->front;
}

/* With the lock held, and dropped. */
static void end_port(struct disk *d) {
    evtchn_port_t port = d->port;

    d->port = 0;
    if (port)
        upcall_free(port);
    lock_drop(&d->lock);
    end_done(d);
}

static void disconnect(struct frontend *f) {
    struct disk *d = of_front(f);

    lock_take(&d->lock);
    block_ring_disconnect(&d->ring);
    end_port(d);
}

static void fail(struct frontend *f) {
    struct disk *d = of_front(f);

    lock_take(&d->lock);
    block_ring_break(&d->ring);
    end_port(d);
}

static size_t say(struct frontend_node *node, const char *name, unsigned value) {
    format(node->name, sizeof node->name, "%s", name);
    format(node->value, sizeof node->value, "%u", value);
    return 1;
}

/* With names that Xen's header has for a ring of one page, and of more. */
static long publish(struct disk *d) {
    static const char protocol[] = "x86_64-abi";
    struct frontend_node nodes[BLOCK_RING_PAGES + 4] = {{.name = "protocol"}};
    char name[16] = "ring-ref";
    size_t n = 1;
    unsigned pages = d->ring.page_count;

    memcpy(nodes[0].value, protocol, sizeof protocol);
    n += say(&nodes[n], "event-channel", d->port);
    n += say(&nodes[n], "feature-persistent", 1);
    if (pages > 1)
        n += say(&nodes[n], "ring-page-order", (unsigned)__builtin_ctz(pages));
    for (unsigned i = 0; i < pages; i++) {
        if (pages > 1)
            format(name, sizeof name, "ring-ref%u", i);
        n += say(&nodes[n], name, d->ring.pages[i]->ref);
    }
    return frontend_publish(&d->front, nodes, n);
}

static long make(struct frontend *f) {
    struct disk *d = of_front(f);
    struct reader reader = {{read_node}, f};
    unsigned pages = block_published_pages(&reader.reader, RING_PAGES);

    disconnect(f); /* of an earlier try */
    lock_take(&d->lock);
    long error = block_ring_make(&d->ring, pages);
    if (!error) {
        d->calm.idle = 0;
        d->port = upcall_bind_new(f->other, handle);
        error = d->port ? 0 : -ENOMEM;
    }
    lock_drop(&d->lock);
    if (!error)
        error = publish(d);
    return error == -ENOENT || error == -EIO ? 0 : error; /* it went: seen soon */
}

static long connect(struct frontend *f) {
    struct disk *d = of_front(f);
    struct reader reader = {{read_node}, f};
    struct block_published is;
    long error = block_published_read(&reader.reader, &is);

    if (error)
        return error;
    lock_take(&d->lock);
    d->is = is;
    d->was_connected = true;
    block_ring_connect(&d->ring, (uint16_t)d->number.minor, &is.offer);
    lock_drop(&d->lock);
    end_done(d);
    log_debug("%s: %lu sectors, %u pages of ring, %u segments", d->number.name, is.sectors,
              d->ring.page_count, is.offer.segments);
    return 0;
}

/* The size and the rest, but not what the ring goes by. */
static long look(struct frontend *f) {
    struct disk *d = of_front(f);
    struct reader reader = {{read_node}, f};
    struct block_published is;
    long error = block_published_read(&reader.reader, &is);

    if (error)
        return error;
    lock_take(&d->lock);
    is.sector_size = d->is.sector_size;
    d->is = is;
    lock_drop(&d->lock);
    return 0;
}

static void remove(struct frontend *f) {
    struct disk *d = of_front(f);

    lock_take(&disks_lock);
    list_remove(&d->node);
    d->is_removed = true;
    lock_drop(&disks_lock);
    disk_drop(d);
}

static const struct frontend_ops disk_ops = {.path = "device/vbd",
                                             .add = add,
                                             .make = make,
                                             .connect = connect,
                                             .look = look,
                                             .disconnect = disconnect,
                                             .fail = fail,
                                             .remove = remove};

static struct frontend_class class = {.ops = &disk_ops};

/* --- the beginning ------------------------------------------------------------------ */

static uint64_t limit; /* of disks_wait */

/*
 * Ports and the other ends are gone, before anything else runs that might use the ports'
 * numbers. The frontends connect anew, later.
 */
static void go_on(bool is_elsewhere) {
    for (struct disk *d = NULL; is_elsewhere && (d = disk_next(d));) {
        lock_take(&d->lock);
        block_ring_disconnect(&d->ring);
        d->port = 0;
        lock_drop(&d->lock);
    }
}

bool disks_start(void) {
    static struct suspend_step step = {.order = SUSPEND_RING, .go_on = go_on};
    static struct mutex mutex;
    static bool is_tried, is_there;

    if (!wire_is_open())
        return false;
    mutex_take(&mutex);
    if (!is_tried) {
        is_tried = true;
        scheduler_start();
        suspend_add(&step);
        limit = clock_monotonic() + LIMIT_NS;
        is_there = !frontend_start(&class);
    }
    mutex_drop(&mutex);
    return is_there;
}

/* No signal ends it, as none would end a disk's request. */
void disks_wait(void) {
    uint64_t now;

    while (!frontend_is_settled(&class) && (now = clock_monotonic()) < limit) {
        thread_prepare(false);
        thread_sleep(now + PAUSE_NS);
        thread_finish();
    }
}
