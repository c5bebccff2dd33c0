/* SPDX-License-Identifier: MIT */
/*
 * A new ring is made for each other side, with what is in the one before: that side may
 * have the page mapped for as long as it likes (xen/grant.h). Its indices are untrusted;
 * see console/ring.c.
 */
#include "hvc/hvc.h"

#include <errno.h>
#include <poll.h>

#include "base/format.h"
#include "base/string.h"
#include "console/ring.h"
#include "mm/heap.h"
#include "sched/clock.h"
#include "sched/hooks.h"
#include "sched/thread.h"
#include "xen/event.h"
#include "xen/suspend.h"
#include "xen/upcall.h"
#include "xenbus/wire.h"

#include <xen/io/console.h>

#define PAUSE_NS (NS_PER_SEC / 500)
#define LIMIT_NS (5 * NS_PER_SEC)

enum { BOTH = POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM };

static struct lock table_lock = LOCK_INIT(LOCK_DISKS);
static struct hvc *table[HVC_MOST];

static struct hvc *of_front(struct frontend *f) {
    return (struct hvc *)f;
}

struct hvc *hvc_find(unsigned number) {
    lock_take(&table_lock);
    struct hvc *h = number < HVC_MOST ? table[number] : NULL;
    if (h)
        __atomic_add_fetch(&h->references, 1, __ATOMIC_SEQ_CST);
    lock_drop(&table_lock);
    return h;
}

void hvc_drop(struct hvc *h) {
    if (!__atomic_sub_fetch(&h->references, 1, __ATOMIC_SEQ_CST))
        heap_free(h);
}

void hvc_tell_name(struct hvc *h, char name[HVC_NAME]) {
    lock_take(&h->lock);
    memcpy(name, h->name, HVC_NAME);
    lock_drop(&h->lock);
}

bool hvc_is_out(struct hvc *h) {
    return __atomic_load_n(&h->is_out, __ATOMIC_SEQ_CST);
}

/* --- the ring ------------------------------------------------------------------------ */

/* Of a ring of length bytes; one whose indices make no sense is neither read nor written.
 */
static size_t filled(uint32_t prod, uint32_t cons, size_t length) {
    uint32_t size = prod - cons;

    return size > length ? 0 : size;
}

size_t hvc_held(struct hvc *h) {
    lock_take(&h->lock);
    size_t n = h->page ? filled(h->page->in_prod, h->page->in_cons, sizeof h->page->in) : 0;
    lock_drop(&h->lock);
    return n;
}

size_t hvc_room(struct hvc *h) {
    size_t room = 0;

    lock_take(&h->lock);
    if (h->page) {
        uint32_t used = h->page->out_prod - h->page->out_cons;
        room = used < sizeof h->page->out ? sizeof h->page->out - used : 0;
    }
    lock_drop(&h->lock);
    return room;
}

/* Under the lock. */
static long told(const struct hvc *h, long n) {
    if (n > 0 && h->port)
        event_notify(h->port);
    return n;
}

long hvc_get(struct hvc *h, char *buffer, size_t size) {
    lock_take(&h->lock);
    long n = h->page ? told(h, ring_get(h->page, buffer, size)) : 0;
    lock_drop(&h->lock);
    return n;
}

long hvc_put(struct hvc *h, const char *data, size_t size) {
    long n = -EIO;

    lock_take(&h->lock);
    if (!h->is_out && h->page)
        n = told(h, ring_put(h->page, data, size));
    lock_drop(&h->lock);
    return n < (long)size ? -EIO : n;
}

/* --- events -------------------------------------------------------------------------- */

/* Whether the other side has moved its indices since the last event. Under the lock. */
static bool has_moved(struct hvc *h) {
    uint32_t in_prod = h->page->in_prod, out_cons = h->page->out_cons;
    bool moved = in_prod != h->in_prod || out_cons != h->out_cons;

    h->in_prod = in_prod;
    h->out_cons = out_cons;
    return moved;
}

static void attend(struct hvc *h) {
    lock_take(&h->lock);
    uint64_t until = h->port ? calm_until(&h->calm, has_moved(h)) : 0;
    if (until && !h->later.queued) {
        event_mask(h->port);
        __atomic_add_fetch(&h->references, 1, __ATOMIC_SEQ_CST);
        timer_set(&h->later, until);
    }
    lock_drop(&h->lock);
    ready_notify(&h->ready, BOTH);
}

static void look_again(struct timer *timer) {
    struct hvc *h = LIST_RECORD(timer, struct hvc, later);

    lock_take(&h->lock);
    if (h->port)
        event_unmask(h->port);
    lock_drop(&h->lock);
    attend(h);
    hvc_drop(h);
}

static void handle(void) {
    evtchn_port_t port = upcall_port();

    for (unsigned i = 0; i < HVC_MOST; i++) {
        struct hvc *h = hvc_find(i);
        if (!h)
            continue;
        if (__atomic_load_n(&h->port, __ATOMIC_RELAXED) == port)
            attend(h);
        hvc_drop(h);
    }
}

/* --- the frontend -------------------------------------------------------------------- */

/* The settings of a raw terminal: nothing is done to bytes on their way. */
static void init_settings(struct hvc *h) {
    enum { SPEED = 0x0f, EIGHT_BITS = 0x30, READS = 0x80, AT_LEAST = 6 };

    h->settings.control = SPEED | EIGHT_BITS | READS;
    h->settings.characters[AT_LEAST] = 1;
}

static unsigned read_number(const char *name) {
    unsigned number = 0;

    for (const char *at = name; *at; at++) {
        if (*at < '0' || *at > '9' || number >= HVC_MOST)
            return 0;
        number = number * 10 + (unsigned)(*at - '0');
    }
    return number < HVC_MOST && *name != '0' ? number : 0;
}

static struct frontend *add(const char *name) {
    unsigned number = read_number(name);
    struct hvc *h = number ? heap_alloc(sizeof *h) : NULL;

    if (!h)
        return NULL;
    h->references = 1;
    h->number = number;
    ready_init(&h->ready);
    lock_init(&h->lock, LOCK_OBJECT);
    h->later.fire = look_again;
    init_settings(h);
    lock_take(&table_lock);
    table[number] = h;
    lock_drop(&table_lock);
    return &h->front;
}

static void end_port(struct hvc *h, bool is_out) {
    lock_take(&h->lock);
    evtchn_port_t port = h->port;
    h->port = 0;
    h->is_out |= is_out;
    if (port)
        upcall_free(port);
    lock_drop(&h->lock);
    ready_notify(&h->ready, BOTH | (is_out ? POLLHUP | POLLERR : 0));
}

static void disconnect(struct frontend *f) {
    end_port(of_front(f), false);
}

static void fail(struct frontend *f) {
    end_port(of_front(f), true);
}

/* What was not taken of the ring before is in the new one; under the lock. */
static void carry_over(const struct hvc *h, struct xencons_interface *page) {
    memcpy(page, (const void *)h->page, sizeof *page);
    if (page->out_prod - page->out_cons > sizeof page->out)
        page->out_cons = page->out_prod;
    if (page->in_prod - page->in_cons > sizeof page->in)
        page->in_cons = page->in_prod;
}

/* The one before, if there was one, goes. */
static void use(struct hvc *h, struct xencons_interface *page, grant_ref_t ref) {
    lock_take(&h->lock);
    bool had_one = h->page;
    grant_ref_t old = h->ref;
    if (had_one)
        carry_over(h, page);
    h->page = page;
    h->ref = ref;
    h->is_out = false;
    h->calm.idle = 0;
    h->port = upcall_bind_new(h->front.other, handle);
    lock_drop(&h->lock);
    if (had_one)
        grant_free(old);
}

static long make(struct frontend *f) {
    struct frontend_node nodes[2] = {{.name = "ring-ref"}, {.name = "port"}};
    struct hvc *h = of_front(f);
    long ref;

    disconnect(f); /* of an earlier try */
    struct xencons_interface *page = grant_new(f->other, false, &ref);
    if (!page)
        return ref;
    use(h, page, (grant_ref_t)ref);
    if (!h->port)
        return -ENOMEM;
    format(nodes[0].value, sizeof nodes[0].value, "%u", h->ref);
    format(nodes[1].value, sizeof nodes[1].value, "%u", h->port);
    long error = frontend_publish(f, nodes, ARRAY_SIZE(nodes));
    return error == -ENOENT || error == -EIO ? 0 : error; /* it went: seen soon */
}

/* As a file's name; what cannot be one is none. */
static void keep_name(struct hvc *h, const char *text, long size) {
    bool good = size > 0 && size < HVC_NAME && *text != '.';

    for (long i = 0; good && i < size; i++)
        good = text[i] > ' ' && text[i] < 0x7f && text[i] != '/';
    lock_take(&h->lock);
    memset(h->name, 0, sizeof h->name);
    if (good)
        memcpy(h->name, text, (size_t)size);
    lock_drop(&h->lock);
}

/* Of what was written meanwhile the other side has had no event. */
static long connect(struct frontend *f) {
    struct hvc *h = of_front(f);
    char name[HVC_NAME];

    keep_name(h, name, frontend_read(f, "name", name, sizeof name));
    lock_take(&h->lock);
    told(h, 1);
    lock_drop(&h->lock);
    ready_notify(&h->ready, BOTH);
    return 0;
}

static long look(struct frontend *f) {
    (void)f;
    return 0;
}

static void remove(struct frontend *f) {
    struct hvc *h = of_front(f);

    lock_take(&table_lock);
    table[h->number] = NULL;
    lock_drop(&table_lock);
    if (h->page)
        grant_free(h->ref);
    lock_take(&h->lock);
    h->page = NULL;
    lock_drop(&h->lock);
    hvc_drop(h);
}

static const struct frontend_ops hvc_ops = {.path = "device/console",
                                            .add = add,
                                            .make = make,
                                            .connect = connect,
                                            .look = look,
                                            .disconnect = disconnect,
                                            .fail = fail,
                                            .remove = remove};

static struct frontend_class class = {.ops = &hvc_ops};

/* --- the beginning ------------------------------------------------------------------- */

static uint64_t limit; /* of hvcs_wait */

/* The ports are gone, before anything else runs that might use their numbers. */
static void go_on(bool is_elsewhere) {
    for (unsigned i = 0; i < HVC_MOST && is_elsewhere; i++)
        if (table[i])
            table[i]->port = 0;
}

bool hvcs_start(void) {
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

void hvcs_wait(void) {
    uint64_t now;

    while (!frontend_is_settled(&class) && (now = clock_monotonic()) < limit) {
        thread_prepare(false);
        thread_sleep(now + PAUSE_NS);
        thread_finish();
    }
}
