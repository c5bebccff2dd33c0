/* SPDX-License-Identifier: MIT */
/*
 * A queue's events only say that it is to be looked at, which its thread does. An event
 * that comes before that was done masks the port until it is; events that have nothing to
 * say keep it masked, longer each time: a backend that sends them without end costs no more
 * than a timer does (XSA-391).
 *
 * The threads run before the program's, or frames would wait for a slice of time to end;
 * not when they have had much to do for long, so that a flood leaves the program its turn.
 */
#include <errno.h>

#include "base/string.h"
#include "mm/heap.h"
#include "mm/page.h"
#include "net/front.h"
#include "net/pool.h"
#include "sched/apart.h"
#include "sched/clock.h"
#include "sched/schedule.h"
#include "xen/event.h"
#include "xen/grant.h"
#include "xen/upcall.h"

enum {
    IDLE = 8,       /* looks without an answer that cost nothing */
    IDLE_MOST = 10, /* doublings of the pause for more */
    BUSY = 32,      /* turns without a pause until the program has its turn, too */
    RANK = 100,     /* above the program's threads, as sched/apart.c has it */
    KEPT_SHARE = 8, /* of the domain's memory, one part in so many is frames at most */
    RESERVE = 32,   /* pages that are left for others */
};

#define IDLE_NS (NS_PER_SEC / 10000)

static size_t kept; /* atomic: pages that the stack has of us */

/* --- what the rings need ------------------------------------------------------------ */

static struct net_queue *of_tx(struct net_tx *tx) {
    return LIST_RECORD(tx, struct net_queue, tx);
}

static struct net_queue *of_rx(struct net_rx *rx) {
    return LIST_RECORD(rx, struct net_queue, rx);
}

static struct net_page *make_page(struct net_queue *q, bool read_only) {
    struct net_page *page = heap_alloc(sizeof *page);
    long ref;

    if (!page)
        return NULL;
    page->memory = grant_new(q->device->front.other, read_only, &ref);
    page->ref = (uint32_t)ref;
    if (page->memory)
        return page;
    heap_free(page);
    return NULL;
}

static void free_page(struct net_page *page) {
    grant_free(page->ref);
    heap_free(page);
}

static void tx_notify(struct net_tx *tx) {
    event_notify(of_tx(tx)->tx_port);
}

static void tx_attend(struct net_tx *tx) {
    net_queue_attend(of_tx(tx));
}

/* The first one is the ring. */
static struct net_page *tx_make_page(struct net_tx *tx) {
    struct net_queue *q = of_tx(tx);
    struct net_page *page = q->copies < q->copies_most ? make_page(q, q->copies > 0) : NULL;

    q->copies += page != NULL;
    return page;
}

static void tx_drop_page(struct net_tx *tx, struct net_page *page) {
    of_tx(tx)->copies--;
    free_page(page);
}

static uint32_t tx_find_ref(struct net_tx *tx, const char *data) {
    return net_pool_ref(of_tx(tx)->device->front.other, data);
}

static const struct net_tx_ops tx_ops = {.notify = tx_notify,
                                         .attend = tx_attend,
                                         .make_page = tx_make_page,
                                         .drop_page = tx_drop_page,
                                         .find_ref = tx_find_ref};

static void rx_notify(struct net_rx *rx) {
    event_notify(of_rx(rx)->rx_port);
}

static struct net_page *rx_make_page(struct net_rx *rx) {
    return make_page(of_rx(rx), false);
}

static void rx_drop_page(struct net_rx *rx, struct net_page *page) {
    (void)rx;
    free_page(page);
}

static bool may_keep(void) {
    return __atomic_load_n(&kept, __ATOMIC_RELAXED) < page_count() / KEPT_SHARE &&
           heap_left() >= RESERVE;
}

static long rx_swap_page(struct net_rx *rx, struct net_page *page, char **memory) {
    long ref;
    char *new = may_keep() ? grant_new(of_rx(rx)->device->front.other, false, &ref) : NULL;

    if (!new)
        return -ENOMEM;
    bool is_ours = grant_end(page->ref);
    if (!is_ours)
        grant_free(page->ref);
    *memory = page->memory;
    page->memory = new;
    page->ref = (uint32_t)ref;
    if (!is_ours)
        return -EBUSY;
    __atomic_add_fetch(&kept, 1, __ATOMIC_RELAXED);
    return 0;
}

void link_page_free(void *data) {
    page_free_kernel((void *)ROUND_DOWN((unsigned long)data, PAGE_SIZE));
    __atomic_sub_fetch(&kept, 1, __ATOMIC_RELAXED);
}

static void rx_free_memory(struct net_rx *rx, char *memory) {
    (void)rx;
    link_page_free(memory);
}

static const struct net_rx_ops rx_ops = {.notify = rx_notify,
                                         .make_page = rx_make_page,
                                         .drop_page = rx_drop_page,
                                         .swap_page = rx_swap_page,
                                         .free_memory = rx_free_memory};

/* --- the threads -------------------------------------------------------------------- */

static struct poller {
    struct thread *thread; /* atomic */
    uint32_t news;         /* atomic */
    struct mutex running;  /* held while it looks at queues */
} pollers[NET_QUEUES];

static unsigned pollers_made; /* in the store's thread */
static unsigned pollers_begun;

static void wake(struct poller *p) {
    struct thread *thread = __atomic_load_n(&p->thread, __ATOMIC_SEQ_CST);

    __atomic_store_n(&p->news, 1, __ATOMIC_SEQ_CST);
    if (thread)
        thread_wake(thread, WAKE_EVENT);
}

void net_queue_attend(struct net_queue *q) {
    __atomic_store_n(&q->is_due, true, __ATOMIC_SEQ_CST);
    wake(&pollers[q->index]);
}

/* Whoever masks makes it due after that, so that somebody unmasks. */
void net_queue_event(struct net_queue *q, evtchn_port_t port) {
    if (__atomic_load_n(&q->is_due, __ATOMIC_SEQ_CST)) {
        event_mask(port);
        __atomic_store_n(&q->is_masked, true, __ATOMIC_SEQ_CST);
    }
    net_queue_attend(q);
}

static void mask_ports(struct net_queue *q) {
    lock_take(&q->rx_lock);
    if (q->tx_port)
        event_mask(q->tx_port);
    if (q->rx_port)
        event_mask(q->rx_port);
    lock_drop(&q->rx_lock);
}

static void unmask_ports(struct net_queue *q) {
    lock_take(&q->rx_lock);
    if (q->tx_port)
        event_unmask(q->tx_port);
    if (q->rx_port && q->rx_port != q->tx_port)
        event_unmask(q->rx_port);
    lock_drop(&q->rx_lock);
}

/* Tokens that have come together go back. */
static void give_tokens(struct net_queue *q) {
    void *tokens[LINK_TOKENS];
    unsigned count;

    do {
        lock_take(&q->tx_lock);
        count = net_tx_collect(&q->tx, tokens, LINK_TOKENS);
        lock_drop(&q->tx_lock);
        if (count)
            net_user->sent(&q->device->link, tokens, count);
    } while (count == LINK_TOKENS);
}

static enum net_taken look_at_sent(struct net_queue *q) {
    lock_take(&q->tx_lock);
    bool was_running = q->tx.state == NET_RUNNING;
    enum net_taken taken = net_tx_take(&q->tx);
    bool has_room = net_tx_has_room(&q->tx);
    bool broke = was_running && q->tx.state == NET_BROKEN;
    lock_drop(&q->tx_lock);
    give_tokens(q);
    if (has_room)
        net_user->writable(&q->device->link);
    if (broke)
        frontend_misused(&q->device->front);
    return taken;
}

static void count_in(struct link *link, const struct net_rx_batch *batch) {
    uint64_t bytes = 0;

    for (unsigned i = 0; i < batch->count; i++)
        bytes += batch->frame[i].size;
    __atomic_add_fetch(&link->counts.frames_in, batch->count, __ATOMIC_RELAXED);
    __atomic_add_fetch(&link->counts.bytes_in, bytes, __ATOMIC_RELAXED);
}

static enum net_taken look_at_received(struct net_queue *q) {
    struct link *link = &q->device->link;
    struct net_rx_batch batch;

    lock_take(&q->rx_lock);
    bool was_running = q->rx.state == NET_RUNNING;
    enum net_taken taken = net_rx_take(&q->rx, &batch);
    bool broke = was_running && q->rx.state == NET_BROKEN;
    __atomic_add_fetch(&link->counts.dropped_in, q->rx.dropped, __ATOMIC_RELAXED);
    __atomic_add_fetch(&link->counts.errors_in, q->rx.errors, __ATOMIC_RELAXED);
    q->rx.dropped = q->rx.errors = 0;
    lock_drop(&q->rx_lock);
    if (batch.count) {
        count_in(link, &batch);
        net_user->receive(link, batch.frame, batch.count);
    }
    if (broke)
        frontend_misused(&q->device->front);
    return taken;
}

/* Nothing more is there: events are to come again, now or later. */
static void rest(struct net_queue *q) {
    if (q->idle > IDLE) {
        unsigned doublings = MIN(q->idle - IDLE, (unsigned)IDLE_MOST);
        mask_ports(q);
        q->resume_at = clock_monotonic() + (IDLE_NS << doublings);
    } else if (__atomic_exchange_n(&q->is_masked, false, __ATOMIC_SEQ_CST)) {
        unmask_ports(q);
    }
}

/* True: there is more to do. *until: when to look again without an event (0: never). */
static bool look_at(struct net_queue *q, uint64_t *until) {
    if (q->resume_at && clock_monotonic() >= q->resume_at) {
        q->resume_at = 0;
        __atomic_store_n(&q->is_masked, false, __ATOMIC_SEQ_CST);
        __atomic_store_n(&q->is_due, true, __ATOMIC_SEQ_CST);
        unmask_ports(q);
    }
    if (q->resume_at && (!*until || q->resume_at < *until))
        *until = q->resume_at;
    if (!__atomic_exchange_n(&q->is_due, false, __ATOMIC_SEQ_CST))
        return false;
    enum net_taken sent = look_at_sent(q), received = look_at_received(q);
    if (q->index == 0 && __atomic_load_n(&q->device->has_untold, __ATOMIC_RELAXED))
        net_groups_tell(q->device, false);
    q->idle = sent == NET_NOTHING && received == NET_NOTHING ? q->idle + 1 : 0;
    if (sent == NET_MORE || received == NET_MORE) {
        __atomic_store_n(&q->is_due, true, __ATOMIC_SEQ_CST);
        return true;
    }
    if (!q->resume_at)
        rest(q);
    if (q->resume_at && (!*until || q->resume_at < *until))
        *until = q->resume_at;
    return false;
}

static void sleep(struct poller *p, uint64_t until) {
    thread_prepare(false);
    if (__atomic_load_n(&p->news, __ATOMIC_SEQ_CST))
        thread_wake(p->thread, WAKE_EVENT);
    thread_sleep(until);
    thread_finish();
}

static void set_rank(struct poller *p, int rank) {
    if (p->thread->rank != rank)
        schedule_set_rank(p->thread, rank);
}

static _Noreturn void run(void) {
    unsigned index = __atomic_fetch_add(&pollers_begun, 1, __ATOMIC_SEQ_CST);
    struct poller *p = &pollers[index];

    __atomic_store_n(&p->thread, thread_current(), __ATOMIC_SEQ_CST);
    for (unsigned turns = 0;; turns++) {
        uint64_t until = 0;
        bool more = false;
        __atomic_store_n(&p->news, 0, __ATOMIC_SEQ_CST);
        mutex_take(&p->running);
        for (struct net_device *d = net_next(NULL); d; d = net_next(d)) {
            struct net_queue *q = __atomic_load_n(&d->queues[index], __ATOMIC_ACQUIRE);
            if (q)
                more |= look_at(q, &until);
        }
        mutex_drop(&p->running);
        if (!more) {
            set_rank(p, RANK);
            turns = 0;
            sleep(p, until);
        } else if (turns == BUSY) {
            set_rank(p, 0);
        }
    }
}

/* A thread that was at the device may have missed those behind it: it looks again. */
void net_queues_wait(void) {
    for (unsigned i = 0; i < NET_QUEUES; i++) {
        mutex_take(&pollers[i].running);
        mutex_drop(&pollers[i].running);
        wake(&pollers[i]);
    }
}

/* Those of the first queues. */
static bool make_pollers(unsigned count) {
    while (pollers_made < count && run_apart(run))
        pollers_made++;
    return pollers_made >= count;
}

/* --- a queue ------------------------------------------------------------------------ */

struct net_queue *net_queue_new(struct net_device *d, unsigned index) {
    struct net_queue *q = make_pollers(index + 1) ? heap_alloc(sizeof *q) : NULL;

    if (!q)
        return NULL;
    q->device = d;
    q->index = index;
    lock_init(&q->tx_lock, LOCK_OBJECT);
    lock_init(&q->rx_lock, LOCK_OBJECT);
    if (net_tx_init(&q->tx, &tx_ops)) {
        heap_free(q);
        return NULL;
    }
    if (net_rx_init(&q->rx, &rx_ops)) {
        net_tx_free(&q->tx);
        heap_free(q);
        return NULL;
    }
    q->rx.room = (unsigned)ROUND_UP(net_user->room, 16);
    return q;
}

void net_queue_free(struct net_queue *q) {
    net_tx_free(&q->tx);
    net_rx_free(&q->rx);
    heap_free(q);
}

long net_queue_make(struct net_queue *q, unsigned target, unsigned copies) {
    lock_take(&q->tx_lock);
    q->copies_most = copies;
    long error = net_tx_make(&q->tx);
    lock_drop(&q->tx_lock);
    lock_take(&q->rx_lock);
    if (!error)
        error = net_rx_make(&q->rx, target);
    q->idle = 0;
    lock_drop(&q->rx_lock);
    return error;
}

void net_queue_connect(struct net_queue *q) {
    lock_take(&q->tx_lock);
    net_tx_connect(&q->tx, q->device->offer.features);
    lock_drop(&q->tx_lock);
    lock_take(&q->rx_lock);
    net_rx_connect(&q->rx);
    lock_drop(&q->rx_lock);
    net_queue_attend(q);
}

void net_queue_disconnect(struct net_queue *q) {
    lock_take(&q->tx_lock);
    net_tx_disconnect(&q->tx);
    lock_drop(&q->tx_lock);
    lock_take(&q->rx_lock);
    net_rx_disconnect(&q->rx);
    evtchn_port_t tx = q->tx_port, rx = q->rx_port;
    q->tx_port = q->rx_port = 0;
    lock_drop(&q->rx_lock);
    if (tx)
        upcall_free(tx);
    if (rx && rx != tx)
        upcall_free(rx);
    give_tokens(q);
}

void net_queue_forget(struct net_queue *q) {
    lock_take(&q->tx_lock);
    net_tx_disconnect(&q->tx);
    lock_drop(&q->tx_lock);
    lock_take(&q->rx_lock);
    net_rx_disconnect(&q->rx);
    q->tx_port = q->rx_port = 0;
    lock_drop(&q->rx_lock);
}
