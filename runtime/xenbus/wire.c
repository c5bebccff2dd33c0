/* SPDX-License-Identifier: MIT */
/*
 * Requests are in one list, in their order, until they are answered. Answers come in any
 * order, mixed with the events of watches, and are told apart by the requests' numbers.
 */
#include "xenbus/wire.h"

#include <errno.h>

#include "base/string.h"
#include "log/log.h"
#include "pv/pagetable.h"
#include "xen/domain.h"
#include "xen/event.h"
#include "xen/lock.h"
#include "xen/suspend.h"
#include "xen/time.h"

enum { HEAD = sizeof(struct xsd_sockmsg), TRIES = 1000 };

#define LIMIT_NS (5 * NS_PER_SEC)
#define TICK_NS (NS_PER_SEC / 100)

struct lock wire_lock = LOCK_INIT(LOCK_OBJECT);
void (*wire_watched)(const char *token);

static volatile struct xenstore_domain_interface *ring; /* NULL: not open */
static bool is_broken, is_held; /* held: nothing begins to be sent */
struct wire_transactions wire_transactions;
static uint32_t req_prod, rsp_cons, last_id;
static struct list requests;

/* The message that comes. */
static struct {
    uint32_t have; /* bytes, head included */
    union {
        struct xsd_sockmsg head;
        char bytes[HEAD];
    };
    struct wire_request *request; /* that it answers, or NULL: a watch's event */
    uint32_t strings;             /* whole ones, of an event: path and token */
    uint32_t token_size;
    char token[WIRE_TOKEN + 1];
} in;

static struct suspend_step steps[2];

static bool has_store(void) {
    return !xen_is_initial_domain() && xen_start_info->store_mfn;
}

bool wire_open(void) {
    if (!has_store())
        return false;
    list_init(&requests);
    in.have = 0;
    is_broken = false;
    ring = pt_direct(xen_mfn_to_pfn(xen_start_info->store_mfn));
    req_prod = ring->req_prod;
    rsp_cons = ring->rsp_cons;
    suspend_add(&steps[0]);
    suspend_add(&steps[1]);
    return true;
}

bool wire_is_open(void) {
    return ring;
}

/* That is the last of r here. */
static void finish(struct wire_request *r, long result) {
    list_remove(&r->node);
    r->result = result;
    if (r->done)
        r->done(r);
    else
        __atomic_store_n(&r->is_done, true, __ATOMIC_RELEASE);
}

static void break_off(void) {
    if (!is_broken)
        log_error("xenstore is broken, and not used any more");
    is_broken = true;
    while (!list_is_empty(&requests))
        finish(LIST_RECORD(requests.next, struct wire_request, node), -EIO);
}

/* --- what comes ------------------------------------------------------------------------
 */

static size_t size_of(const struct wire_request *r) {
    return HEAD + r->head.len;
}

/* The request that is answered so, or one that was not sent yet, or NULL. */
static struct wire_request *find(bool is_sent, uint32_t id) {
    for (struct list *at = requests.next; at != &requests; at = at->next) {
        struct wire_request *r = LIST_RECORD(at, struct wire_request, node);
        if ((r->sent == size_of(r)) == is_sent && (!is_sent || r->head.req_id == id))
            return r;
    }
    return NULL;
}

/* The head is complete: is it one that may come? */
static bool begin(void) {
    in.request = NULL;
    in.strings = in.token_size = 0;
    if (in.head.len > XENSTORE_PAYLOAD_MAX)
        return false;
    if (in.head.type == XS_WATCH_EVENT)
        return true;
    in.request = find(true, in.head.req_id);
    if (!in.request)
        return false;
    in.request->length = in.head.len;
    return in.head.type == XS_ERROR || in.head.type == in.request->head.type;
}

static bool end(void) {
    in.have = 0;
    if (in.request) {
        finish(in.request, in.head.type == XS_ERROR);
        return true;
    }
    in.token[in.token_size] = '\0';
    if (in.strings == 2 && wire_watched)
        wire_watched(in.token);
    return in.strings == 2;
}

static void take_of_event(char byte) {
    if (!byte)
        in.strings++;
    else if (in.strings == 1 && in.token_size < WIRE_TOKEN)
        in.token[in.token_size++] = byte;
}

static bool take(char byte) {
    uint32_t at = in.have++;

    if (at < HEAD) {
        in.bytes[at] = byte;
        if (in.have == HEAD && !begin())
            return false;
    } else if (!in.request) {
        take_of_event(byte);
    } else if (at - HEAD < in.request->room) {
        in.request->reply[at - HEAD] = byte;
    }
    return in.have < HEAD || in.have < HEAD + in.head.len || end();
}

/* What was there at one look: for what comes later there is another event. */
static bool receive(void) {
    uint32_t filled = ring->rsp_prod - rsp_cons;
    bool good = filled <= XENSTORE_RING_SIZE;

    memory_barrier();
    for (uint32_t i = 0; i < filled && good; i++)
        good = take(ring->rsp[MASK_XENSTORE_IDX(rsp_cons++)]);
    if (!good)
        break_off();
    memory_barrier();
    ring->rsp_cons = rsp_cons;
    return filled;
}

/* --- what goes -------------------------------------------------------------------------
 */

static char byte_of(const struct wire_request *r, size_t at) {
    size_t first = r->parts[0].size;

    if (at < HEAD)
        return ((const char *)&r->head)[at];
    at -= HEAD;
    return at < first ? ((const char *)r->parts[0].data)[at]
                      : ((const char *)r->parts[1].data)[at - first];
}

static struct wire_request *find_next(void) {
    struct wire_request *r = find(false, 0);

    return r && is_held && !r->sent ? NULL : r;
}

/* As much as there is room for; true if there was anything. */
static bool send(void) {
    uint32_t used = req_prod - ring->req_cons;
    struct wire_request *r = find_next();
    bool any = r;

    memory_barrier();
    if (used > XENSTORE_RING_SIZE)
        break_off();
    for (; r && used < XENSTORE_RING_SIZE; used++) {
        ring->req[MASK_XENSTORE_IDX(req_prod++)] = byte_of(r, r->sent++);
        if (r->sent == size_of(r))
            r = find_next();
    }
    memory_barrier();
    ring->req_prod = req_prod;
    return any;
}

/* Under the lock. */
static void pump(void) {
    bool any = !is_broken && receive();

    if ((!is_broken && send()) || any)
        event_notify(xen_start_info->store_evtchn);
}

void wire_pump(void) {
    lock_take(&wire_lock);
    pump();
    lock_drop(&wire_lock);
}

void wire_append(struct wire_request *r) {
    r->head.req_id = ++last_id;
    r->head.len = (uint32_t)(r->parts[0].size + r->parts[1].size);
    r->sent = r->length = 0;
    r->is_done = false;
    list_insert(&r->node, &requests);
}

static void submit(struct wire_request *r) {
    wire_append(r);
    if (r->head.tx_id && r->head.tx_id <= wire_transactions.base) {
        finish(r, -EAGAIN);
        return;
    }
    if (r->head.tx_id)
        r->head.tx_id -= wire_transactions.base;
    pump();
    if (is_broken)
        break_off();
}

void wire_submit(struct wire_request *r) {
    lock_take(&wire_lock);
    submit(r);
    lock_drop(&wire_lock);
}

/* --- the domain is suspended -----------------------------------------------------------
 */

/* Nothing is half sent, nor half received, and no answer is to come. */
static bool is_quiet(void) {
    for (struct list *at = requests.next; at != &requests; at = at->next)
        if (LIST_RECORD(at, struct wire_request, node)->sent)
            return false;
    return !in.have;
}

static bool stop(void) {
    evtchn_port_t port = xen_start_info->store_evtchn;
    uint64_t now, until = xen_time_system() + LIMIT_NS;

    do {
        event_clear(port);
        lock_take(&wire_lock);
        is_held = true;
        pump();
        bool quiet = is_quiet();
        lock_drop(&wire_lock);
        if (quiet)
            return true;
        now = xen_time_system();
        event_wait(port, now + TICK_NS);
    } while (now < until);
    log_error("not suspended: xenstore does not answer");
    return false;
}

/*
 * The connection is a new one, with the same ring, whose indices may have begun anew; what
 * the other end had begun to say is of no interest. Nothing else runs yet. What was not
 * sent will be, but for what belongs to a transaction.
 */
static void connect_again(void) {
    struct list *next;

    in.have = 0;
    is_broken = false;
    wire_transactions.base = wire_transactions.most;
    req_prod = ring->req_prod = ring->req_cons;
    rsp_cons = ring->rsp_cons = ring->rsp_prod;
    for (struct list *at = requests.next; at != &requests; at = next) {
        struct wire_request *r = LIST_RECORD(at, struct wire_request, node);
        next = at->next;
        if (r->head.tx_id)
            finish(r, -EAGAIN);
    }
}

static void go_on(bool is_elsewhere) {
    (void)is_elsewhere;
    lock_take(&wire_lock);
    is_held = false;
    pump();
    lock_drop(&wire_lock);
}

static void arrive(bool is_elsewhere) {
    lock_take(&wire_lock);
    if (is_elsewhere)
        connect_again();
    lock_drop(&wire_lock);
}

static struct suspend_step steps[] = {
    {.order = SUSPEND_STORE, .stop = stop, .go_on = go_on},
    {.order = SUSPEND_RING, .go_on = arrive},
};

/* --- the last word ---------------------------------------------------------------------
 */

/* It may be held by the very code that has crashed. */
static bool seize(void) {
    for (unsigned i = 0; i < TRIES; i++) {
        if (lock_try(&wire_lock))
            return true;
        __asm__ __volatile__("pause");
    }
    return false;
}

/* Another vCPU may take the event, so it is not waited for in one go. */
static void wait_for(struct wire_request *r) {
    evtchn_port_t port = xen_start_info->store_evtchn;
    uint64_t now, until = xen_time_system() + LIMIT_NS;

    for (;;) {
        event_clear(port);
        pump();
        now = xen_time_system();
        if (r->is_done)
            return;
        if (now >= until)
            break;
        event_wait(port, MIN(now + TICK_NS, until));
    }
    break_off();
}

bool wire_write(const char *path, const void *value, size_t size) {
    struct wire_request r = {.head.type = XS_WRITE,
                             .parts = {{path, strlen(path) + 1}, {value, size}}};

    if (!ring && !wire_open())
        return false;
    bool is_taken = seize();
    is_held = false;
    submit(&r);
    wait_for(&r);
    if (is_taken)
        lock_drop(&wire_lock);
    return !r.result;
}
