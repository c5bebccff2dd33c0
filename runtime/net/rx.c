/* SPDX-License-Identifier: MIT */
/*
 * Invariant: target pages are in places that were asked for and not answered, idle, or
 * parts of the frame that is being put together. A frame takes a page away only if there is
 * another one for it, so the ring does not run dry, whatever becomes of the frames.
 */
#include "net/rx.h"

#include <errno.h>

#include "base/string.h"
#include "mm/heap.h"
#include "xen/interface.h"

#include <xen/io/netif.h>

_Static_assert(sizeof(union netif_rx_sring_entry) == 8 &&
                   offsetof(struct netif_rx_sring, ring) == 64,
               "netif's layout");
_Static_assert(sizeof(struct netif_extra_info) == 8, "");
_Static_assert(LINK_GSO_TCP4 == XEN_NETIF_GSO_TYPE_TCPV4 &&
                   LINK_GSO_TCP6 == XEN_NETIF_GSO_TYPE_TCPV6,
               "");
_Static_assert(NET_RX_PIECES >= LINK_FRAMES + LINK_PIECES, "");

static volatile struct netif_rx_sring *shared(struct net_rx *rx) {
    return (volatile struct netif_rx_sring *)rx->ring->memory;
}

static void *entry_at(struct net_rx *rx, uint32_t index) {
    struct netif_rx_sring *ring = (struct netif_rx_sring *)rx->ring->memory;

    return &ring->ring[index % NET_RING];
}

static void put_idle(struct net_rx *rx, struct net_page *page) {
    page->next = rx->idle;
    rx->idle = page;
}

/* --- making and ending a ring ------------------------------------------------------- */

long net_rx_init(struct net_rx *rx, const struct net_rx_ops *ops) {
    *rx = (struct net_rx){.ops = ops};
    rx->pages = heap_alloc(NET_RING * sizeof(struct net_page *));
    return rx->pages ? 0 : -ENOMEM;
}

void net_rx_free(struct net_rx *rx) {
    heap_free(rx->pages);
}

/* Shares the idle pages; they are not shown yet. */
static void ask(struct net_rx *rx) {
    while (rx->idle) {
        struct net_page *page = rx->idle;
        struct netif_rx_request request = {.id = (uint16_t)(rx->asked % NET_RING),
                                           .gref = page->ref};
        rx->idle = page->next;
        rx->pages[rx->asked % NET_RING] = page;
        memcpy(entry_at(rx, rx->asked++), &request, sizeof request);
    }
}

static void push(struct net_rx *rx) {
    uint32_t old = rx->pushed, now = rx->asked;

    if (old == now)
        return;
    barrier();
    shared(rx)->req_prod = rx->pushed = now;
    memory_barrier();
    if (rx->state == NET_RUNNING && now - shared(rx)->req_event < now - old)
        rx->ops->notify(rx);
}

static void drop_idle(struct net_rx *rx) {
    for (struct net_page *page = rx->idle, *next; page; page = next) {
        next = page->next;
        rx->ops->drop_page(rx, page);
    }
    rx->idle = NULL;
}

static void end_frame(struct net_rx *rx) {
    for (unsigned i = 0; i < rx->frame.count; i++)
        if (rx->frame.parts[i].page)
            put_idle(rx, rx->frame.parts[i].page);
    rx->frame = (struct net_rx_frame){0};
}

void net_rx_disconnect(struct net_rx *rx) {
    end_frame(rx);
    for (unsigned i = 0; i < NET_RING; i++) {
        if (rx->pages[i])
            put_idle(rx, rx->pages[i]);
        rx->pages[i] = NULL;
    }
    drop_idle(rx);
    if (rx->ring)
        rx->ops->drop_page(rx, rx->ring);
    rx->ring = NULL;
    rx->state = NET_WAITING;
}

void net_rx_break(struct net_rx *rx) {
    net_rx_disconnect(rx);
    rx->state = NET_BROKEN;
}

long net_rx_make(struct net_rx *rx, unsigned target) {
    rx->state = NET_WAITING;
    rx->asked = rx->pushed = rx->taken = 0;
    rx->held = 0;
    rx->target = MIN(target, (unsigned)NET_RING);
    rx->ring = rx->ops->make_page(rx);
    for (unsigned i = 0; rx->ring && i < rx->target; i++) {
        struct net_page *page = rx->ops->make_page(rx);
        if (!page)
            break;
        put_idle(rx, page);
        ask(rx);
    }
    if (rx->asked < rx->target || !rx->ring) {
        net_rx_disconnect(rx);
        return -ENOMEM;
    }
    shared(rx)->req_event = shared(rx)->rsp_event = 1;
    push(rx);
    return 0;
}

void net_rx_connect(struct net_rx *rx) {
    rx->state = NET_RUNNING;
    rx->ops->notify(rx);
}

/* --- a frame ------------------------------------------------------------------------ */

/* Its page, and where in it. False: there can be no such response. */
static bool add_part(struct net_rx *rx, const struct netif_rx_response *response,
                     struct net_page *page) {
    struct net_rx_frame *frame = &rx->frame;
    int status = response->status;

    frame->wants_more = response->flags & NETRXF_more_data;
    if (status > 0 && (unsigned)status + response->offset > PAGE_SIZE)
        return false;
    if (frame->responses++ == LINK_PIECES)
        return false;
    frame->is_bad |= status < 0;
    if (status <= 0)
        return true;
    frame->parts[frame->count++] = (struct net_rx_part){
        .page = page, .offset = response->offset, .size = (uint16_t)status};
    return true;
}

static void begin_frame(struct net_rx_frame *frame,
                        const struct netif_rx_response *response) {
    frame->is_begun = true;
    frame->wants_extra = response->flags & NETRXF_extra_info;
    if (response->flags & NETRXF_csum_blank)
        frame->sum = LINK_SUM_BLANK;
    else if (response->flags & NETRXF_data_validated)
        frame->sum = LINK_SUM_GOOD;
}

static bool add_extra(struct net_rx_frame *frame, const struct netif_extra_info *extra) {
    frame->wants_extra = extra->flags & XEN_NETIF_EXTRA_FLAG_MORE;
    if (!extra->type || extra->type >= XEN_NETIF_EXTRA_TYPE_MAX ||
        ++frame->extras >= XEN_NETIF_EXTRA_TYPE_MAX)
        return false;
    if (extra->type != XEN_NETIF_EXTRA_TYPE_GSO)
        return true;
    frame->gso = extra->u.gso.type;
    frame->gso_size = extra->u.gso.size;
    if (frame->gso > LINK_GSO_TCP6 || (frame->gso && !frame->gso_size))
        frame->is_bad = true;
    return true;
}

/* What is in the next place, as the frame's next part. False: that cannot be. */
static bool take_one(struct net_rx *rx) {
    union {
        struct netif_rx_response response;
        struct netif_extra_info extra;
    } entry;
    uint32_t place = rx->taken % NET_RING;
    struct net_page *page = rx->pages[place];

    memcpy(&entry, entry_at(rx, rx->taken), sizeof entry);
    barrier(); /* it is the copy that is looked at from here on */
    rx->taken++;
    rx->pages[place] = NULL;
    unsigned parts = rx->frame.count;
    bool good;
    if (rx->frame.wants_extra) {
        good = add_extra(&rx->frame, &entry.extra);
    } else {
        if (!rx->frame.is_begun)
            begin_frame(&rx->frame, &entry.response);
        good = entry.response.id == place && add_part(rx, &entry.response, page);
    }
    if (rx->frame.count == parts)
        put_idle(rx, page);
    return good;
}

/* --- what is made of it ------------------------------------------------------------- */

static size_t frame_size(const struct net_rx_frame *frame) {
    size_t size = 0;

    for (unsigned i = 0; i < frame->count; i++)
        size += frame->parts[i].size;
    return size;
}

static void add_frame(struct net_rx *rx, struct net_rx_batch *batch, unsigned count,
                      size_t size, bool is_small) {
    batch->frame[batch->count++] =
        (struct link_frame){.pieces = &batch->piece[batch->pieces],
                            .size = (uint32_t)size,
                            .count = (uint8_t)count,
                            .is_small = is_small,
                            .sum = rx->frame.sum,
                            .gso = rx->frame.gso,
                            .gso_size = rx->frame.gso ? rx->frame.gso_size : 0};
    batch->pieces += count;
}

static bool copy_small(struct net_rx *rx, struct net_rx_batch *batch, size_t size) {
    char *block = heap_alloc(rx->room + size);
    char *to = block + rx->room;

    if (!block)
        return false;
    batch->piece[batch->pieces] = (struct link_piece){to, (uint32_t)size};
    for (unsigned i = 0; i < rx->frame.count; i++) {
        const struct net_rx_part *part = &rx->frame.parts[i];
        memcpy(to, part->page->memory + part->offset, part->size);
        to += part->size;
    }
    add_frame(rx, batch, 1, size, true);
    return true;
}

/* The frame's pages become the receiver's; all of them, or none, and the frame is lost. */
static bool keep_pages(struct net_rx *rx, struct net_rx_batch *batch) {
    struct link_piece *pieces = &batch->piece[batch->pieces];
    unsigned n;
    long error = 0;

    for (n = 0; n < rx->frame.count && !error; n++) {
        const struct net_rx_part *part = &rx->frame.parts[n];
        char *memory;
        error = rx->ops->swap_page(rx, part->page, &memory);
        if (!error)
            pieces[n] = (struct link_piece){memory + part->offset, part->size};
    }
    if (!error)
        return true;
    rx->held += error == -EBUSY;
    for (n--; n-- > 0;)
        rx->ops->free_memory(rx, pieces[n].data - rx->frame.parts[n].offset);
    return false;
}

static void deliver(struct net_rx *rx, struct net_rx_batch *batch) {
    struct net_rx_frame *frame = &rx->frame;
    size_t size = frame_size(frame);

    if (frame->is_bad || size < LINK_HEADER || size > LINK_FRAME_MOST) {
        rx->errors++;
    } else if (size <= LINK_SMALL) {
        rx->dropped += !copy_small(rx, batch, size);
    } else if (!keep_pages(rx, batch)) {
        rx->dropped++;
    } else {
        add_frame(rx, batch, frame->count, size, false);
    }
    end_frame(rx);
}

/* --- events ------------------------------------------------------------------------- */

/* Asks for an event with the next response; true if there is one already. */
static bool ask_for_event(struct net_rx *rx) {
    shared(rx)->rsp_event = rx->taken + 1;
    memory_barrier();
    return shared(rx)->rsp_prod != rx->taken;
}

static bool is_full(const struct net_rx_batch *batch) {
    return batch->count == LINK_FRAMES || batch->pieces > NET_RX_PIECES - LINK_PIECES;
}

/* As many responses as a batch has room for: no more than a ring's. */
static bool take_some(struct net_rx *rx, struct net_rx_batch *batch, uint32_t ready) {
    for (; ready && !is_full(batch); ready--) {
        if (!take_one(rx))
            return false;
        if (!rx->frame.wants_extra && !rx->frame.wants_more)
            deliver(rx, batch);
        if (rx->held > NET_RX_HELD)
            return false;
    }
    return true;
}

enum net_taken net_rx_take(struct net_rx *rx, struct net_rx_batch *batch) {
    batch->count = batch->pieces = 0;
    if (rx->state != NET_RUNNING)
        return NET_NOTHING;
    uint32_t ready = shared(rx)->rsp_prod - rx->taken;
    bool good = ready <= rx->pushed - rx->taken;

    barrier();
    if (!good || !take_some(rx, batch, ready)) {
        net_rx_break(rx);
        return NET_ALL;
    }
    ask(rx);
    push(rx);
    if (ask_for_event(rx))
        return NET_MORE;
    return ready ? NET_ALL : NET_NOTHING;
}
