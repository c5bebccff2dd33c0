/* SPDX-License-Identifier: MIT */
#include "netend.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mm/heap.h"
#include "random.h"
#include "require.h"
#include "xen/interface.h"

#include <xen/io/netif.h>

enum { POOL_REF = 5000, FIRST_REF = 100 };

unsigned netend_most = NETEND_PAGES, netend_pages, netend_kept, netend_holds;
bool netend_attended;
struct netend_frame netend_sent[NETEND_FRAMES];
unsigned netend_sent_count, netend_groups;

static char *made[NETEND_PAGES]; /* by reference */
static char *pool[NETEND_POOL];
static struct net_tx *tx;
static struct net_rx *rx;

/* --- memory ------------------------------------------------------------------------- */

void *heap_alloc(size_t size) {
    REQUIRE(size <= PAGE_SIZE);
    return calloc(1, size);
}

void heap_free(void *record) {
    free(record);
}

static uint32_t share(char **memory) {
    static uint32_t next;

    if (netend_pages >= netend_most)
        return 0;
    while (made[next])
        next = (next + 1) % NETEND_PAGES;
    uint32_t ref = FIRST_REF + next;
    *memory = made[next] = aligned_alloc(PAGE_SIZE, PAGE_SIZE);
    memset(*memory, 0, PAGE_SIZE);
    next = (next + 1) % NETEND_PAGES; /* so that references are not used again soon */
    netend_pages++;
    return ref;
}

static void unshare(uint32_t ref) {
    REQUIRE(netend_page(ref));
    made[ref - FIRST_REF] = NULL;
    netend_pages--;
}

static struct net_page *make_page(void) {
    char *memory;
    uint32_t ref = share(&memory);

    if (!ref)
        return NULL;
    struct net_page *page = calloc(1, sizeof *page);
    *page = (struct net_page){.memory = memory, .ref = ref};
    return page;
}

static void drop_page(struct net_page *page) {
    REQUIRE(netend_page(page->ref) == page->memory);
    unshare(page->ref);
    free(page->memory);
    free(page);
}

char *netend_page(uint32_t ref) {
    return ref >= FIRST_REF && ref < FIRST_REF + NETEND_PAGES ? made[ref - FIRST_REF]
                                                              : NULL;
}

char *netend_pool(unsigned number) {
    if (!pool[number])
        pool[number] = aligned_alloc(PAGE_SIZE, PAGE_SIZE);
    return pool[number];
}

static char *readable(uint32_t ref) {
    return ref >= POOL_REF && ref < POOL_REF + NETEND_POOL ? netend_pool(ref - POOL_REF)
                                                           : netend_page(ref);
}

/* --- the ring of what is sent ------------------------------------------------------- */

static bool tx_notified, tx_event, rx_event;
static uint32_t tx_taken, tx_answered;

/* Packets that are not answered: the ids of their slots, and how many extras. */
static struct {
    uint16_t ids[NET_TX_SLOTS];
    unsigned count, extras;
} pending[NET_RING];
static unsigned pending_count;

static void tx_notify(struct net_tx *of) {
    REQUIRE(of == tx);
    tx_notified = true;
}

static void tx_attend(struct net_tx *of) {
    REQUIRE(of == tx);
    netend_attended = true;
}

static struct net_page *tx_make_page(struct net_tx *of) {
    (void)of;
    return make_page();
}

static void tx_drop_page(struct net_tx *of, struct net_page *page) {
    (void)of;
    drop_page(page);
}

static uint32_t tx_find_ref(struct net_tx *of, const char *data) {
    (void)of;
    for (uint32_t i = 0; i < NETEND_POOL; i++)
        if (pool[i] && data >= pool[i] && data < pool[i] + PAGE_SIZE)
            return POOL_REF + i;
    return 0;
}

const struct net_tx_ops netend_tx_ops = {.notify = tx_notify,
                                         .attend = tx_attend,
                                         .make_page = tx_make_page,
                                         .drop_page = tx_drop_page,
                                         .find_ref = tx_find_ref};

void netend_connect_tx(struct net_tx *to) {
    tx = to;
    tx_notified = tx_event = false;
    tx_taken = tx_answered = pending_count = 0;
}

static struct netif_tx_sring *tx_ring(void) {
    return (void *)tx->ring->memory;
}

static struct netif_tx_request take_request(void) {
    return tx_ring()->ring[tx_taken++ % NET_RING].req;
}

static void take_extra(struct netend_frame *frame) {
    struct netif_extra_info extra;

    memcpy(&extra, &tx_ring()->ring[tx_taken++ % NET_RING], sizeof extra);
    pending[pending_count].extras++;
    REQUIRE(!(extra.flags & XEN_NETIF_EXTRA_FLAG_MORE));
    if (extra.type != XEN_NETIF_EXTRA_TYPE_GSO) {
        REQUIRE(extra.type == XEN_NETIF_EXTRA_TYPE_MCAST_ADD ||
                extra.type == XEN_NETIF_EXTRA_TYPE_MCAST_DEL);
        netend_groups++;
        return;
    }
    REQUIRE(extra.u.gso.size && !extra.u.gso.features && !extra.u.gso.pad);
    frame->gso = extra.u.gso.type;
    frame->gso_size = extra.u.gso.size;
}

static void add_data(struct netend_frame *frame, const struct netif_tx_request *request,
                     size_t size) {
    const char *page = readable(request->gref);

    REQUIRE(page && size && request->offset + size <= PAGE_SIZE);
    frame->data = realloc(frame->data, frame->size + size);
    memcpy(frame->data + frame->size, page + request->offset, size);
    frame->size += (uint32_t)size;
}

/* The first request's size is the whole's: what is left of the others is its own. */
static void take_packet(void) {
    struct netif_tx_request requests[NET_TX_SLOTS];
    struct netend_frame frame = {0};
    unsigned count = 0;
    size_t rest = 0;

    pending[pending_count].extras = 0;
    do {
        REQUIRE(count < NET_TX_SLOTS);
        requests[count] = take_request();
        pending[pending_count].ids[count] = requests[count].id;
        if (!count && requests[0].flags & NETTXF_extra_info)
            take_extra(&frame);
        rest += count ? requests[count].size : 0;
    } while (requests[count++].flags & NETTXF_more_data);
    pending[pending_count++].count = count;
    if (!requests[0].size)
        return;
    REQUIRE(rest < requests[0].size);
    for (unsigned i = 0; i < count; i++)
        add_data(&frame, &requests[i], i ? requests[i].size : requests[0].size - rest);
    frame.sum = requests[0].flags & NETTXF_csum_blank ? LINK_SUM_BLANK : LINK_SUM_THERE;
    REQUIRE(netend_sent_count < NETEND_FRAMES);
    netend_sent[netend_sent_count++] = frame;
}

void netend_take(void) {
    uint32_t shown = tx_ring()->req_prod;

    REQUIRE(shown - tx_answered <= NET_RING);
    while (tx_taken != shown) {
        REQUIRE((int32_t)(shown - tx_taken) > 0);
        take_packet();
    }
    tx_ring()->req_event = tx_taken + 1;
}

static void answer_entry(uint16_t id, int16_t status) {
    struct netif_tx_response response = {.id = id, .status = status};

    tx_ring()->ring[tx_answered++ % NET_RING].rsp = response;
}

/* In Linux's order, or any. */
static void answer_packet(unsigned which) {
    bool backwards = random_one_in(3);
    unsigned count = pending[which].count;

    for (unsigned i = 0; i < count; i++) {
        answer_entry(pending[which].ids[backwards ? count - 1 - i : i],
                     random_one_in(9) ? NETIF_RSP_ERROR : NETIF_RSP_OKAY);
        for (; !i && pending[which].extras; pending[which].extras--)
            answer_entry((uint16_t)random_next(), NETIF_RSP_NULL);
    }
    memmove(&pending[which], &pending[which + 1],
            (--pending_count - which) * sizeof *pending);
}

unsigned netend_answer(unsigned most) {
    uint32_t old = tx_answered;

    while (most-- && pending_count)
        answer_packet(random_one_in(2) ? 0 : (unsigned)random_below(pending_count));
    tx_ring()->rsp_prod = tx_answered;
    if (tx_answered - tx_ring()->rsp_event < tx_answered - old)
        tx_event = true;
    return pending_count;
}

static bool was(bool *event) {
    bool had = *event;

    *event = false;
    return had;
}

bool netend_was_notified(void) {
    return was(&tx_notified);
}

bool netend_has_tx_event(void) {
    return was(&tx_event);
}

/* --- the ring of what is received --------------------------------------------------- */

static uint32_t rx_used;

static void rx_notify(struct net_rx *of) {
    (void)of;
}

static struct net_page *rx_make_page(struct net_rx *of) {
    (void)of;
    return make_page();
}

static void rx_drop_page(struct net_rx *of, struct net_page *page) {
    (void)of;
    drop_page(page);
}

static long rx_swap_page(struct net_rx *of, struct net_page *page, char **memory) {
    char *new;
    uint32_t ref = share(&new);

    (void)of;
    if (!ref)
        return -ENOMEM;
    REQUIRE(netend_page(page->ref) == page->memory);
    unshare(page->ref);
    *memory = page->memory;
    page->memory = new;
    page->ref = ref;
    if (netend_holds && random_one_in(netend_holds)) {
        free(*memory);
        return -EBUSY;
    }
    netend_kept++;
    return 0;
}

void netend_free_memory(char *memory) {
    free((void *)ROUND_DOWN((unsigned long)memory, PAGE_SIZE));
    REQUIRE(netend_kept--);
}

static void rx_free_memory(struct net_rx *of, char *memory) {
    (void)of;
    netend_free_memory(memory);
}

const struct net_rx_ops netend_rx_ops = {.notify = rx_notify,
                                         .make_page = rx_make_page,
                                         .drop_page = rx_drop_page,
                                         .swap_page = rx_swap_page,
                                         .free_memory = rx_free_memory};

void netend_connect_rx(struct net_rx *to) {
    rx = to;
    rx_used = 0;
    rx_event = false;
}

void netend_disconnect(void) {
    tx = NULL;
    rx = NULL;
    tx_notified = tx_event = rx_event = false;
}

static struct netif_rx_sring *rx_ring(void) {
    return (void *)rx->ring->memory;
}

static void put_response(uint32_t at, const void *entry) {
    memcpy(&rx_ring()->ring[at % NET_RING], entry, 8);
}

static void put_extras(uint32_t *at, const struct netend_frame *frame, bool with_hash) {
    struct netif_extra_info extra = {.type = XEN_NETIF_EXTRA_TYPE_HASH,
                                     .flags = frame->gso ? XEN_NETIF_EXTRA_FLAG_MORE : 0};

    if (with_hash)
        put_response((*at)++, &extra);
    if (!frame->gso)
        return;
    extra = (struct netif_extra_info){.type = XEN_NETIF_EXTRA_TYPE_GSO};
    extra.u.gso.type = frame->gso;
    extra.u.gso.size = frame->gso_size;
    put_response((*at)++, &extra);
}

static void put_piece(uint32_t at, const char *data, unsigned size, unsigned flags) {
    const struct netif_rx_request *request = &rx_ring()->ring[at % NET_RING].req;
    unsigned offset = (unsigned)random_below(PAGE_SIZE - size + 1);
    struct netif_rx_response response = {.id = request->id,
                                         .offset = (uint16_t)offset,
                                         .flags = (uint16_t)flags,
                                         .status = (int16_t)size};
    char *page = netend_page(request->gref);

    REQUIRE(page && request->id == at % NET_RING);
    memcpy(page + offset, data, size);
    put_response(at, &response);
}

/* How large the next piece is, so that no more pieces are made than there may be. */
static unsigned choose_size(size_t left, unsigned pieces_left) {
    size_t least =
        left > (pieces_left - 1) * PAGE_SIZE ? left - (pieces_left - 1) * PAGE_SIZE : 1;
    size_t most = MIN(left, PAGE_SIZE);

    return (unsigned)(random_one_in(2) ? most : random_between(least, most));
}

bool netend_give(const struct netend_frame *frame) {
    static const unsigned sums[] = {0, NETRXF_data_validated,
                                    NETRXF_csum_blank | NETRXF_data_validated};
    bool with_hash = random_one_in(8);
    unsigned flags = sums[frame->sum], pieces = LINK_PIECES;
    uint32_t at = rx_used, start = at;

    if (rx_ring()->req_prod - at < LINK_PIECES + 2)
        return false;
    if (frame->gso || with_hash)
        flags |= NETRXF_extra_info;
    for (size_t done = 0, size; done < frame->size; done += size) {
        size = choose_size(frame->size - done, pieces--);
        put_piece(at++, frame->data + done, (unsigned)size,
                  flags | (done + size < frame->size ? NETRXF_more_data : 0));
        if (!done)
            put_extras(&at, frame, with_hash);
        flags = 0;
    }
    rx_used = at;
    rx_ring()->rsp_prod = at;
    if (at - rx_ring()->rsp_event < at - start)
        rx_event = true;
    return true;
}

bool netend_has_rx_event(void) {
    return was(&rx_event);
}
