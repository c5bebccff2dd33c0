/* SPDX-License-Identifier: MIT */
/*
 * Receiving: the ring of pages to be filled of xen/include/public/io/netif.h. A frame is
 * some responses, which stay at their requests' places, and extra entries, which take such
 * a place each.
 *
 * The other side is not trusted, as in block/ring.h. Each response is read once. What a
 * frame is in becomes the caller's only when the other side can't write to it any more; a
 * small one is copied, and its page stays shared. A page that the other side holds on to is
 * dropped, with its frame; after some of those the ring is broken.
 *
 * Nothing here makes a hypercall or takes a lock: the user has one, held in each of the
 * calls.
 */
#ifndef ATMAN_NET_RX_H
#define ATMAN_NET_RX_H

#include "net/link.h"
#include "net/page.h"

enum {
    NET_RX_PIECES = 96, /* of a batch */
    NET_RX_HELD = 16,   /* pages that it may hold on to */
};

struct net_rx;

struct net_rx_ops {
    void (*notify)(struct net_rx *rx);
    struct net_page *(*make_page)(struct net_rx *rx); /* NULL: none is left */
    /* The ring has done with it; the other side perhaps not. */
    void (*drop_page)(struct net_rx *rx, struct net_page *page);
    /*
     * Another page takes page's place; its memory is the caller's alone then. -ENOMEM:
     * there is none, or whoever gets frames has enough of them: all is as before. -EBUSY:
     * the other side has the old page, which is dropped.
     */
    long (*swap_page)(struct net_rx *rx, struct net_page *page, char **memory);
    void (*free_memory)(struct net_rx *rx, char *memory); /* what swap_page gave */
};

/* Frames, and what they are in, for link_user.receive. */
struct net_rx_batch {
    unsigned count, pieces;
    struct link_frame frame[LINK_FRAMES];
    struct link_piece piece[NET_RX_PIECES];
};

/* A frame of which some is there. */
struct net_rx_part {
    struct net_page *page;
    uint16_t offset, size;
};

struct net_rx_frame {
    unsigned count; /* of parts */
    unsigned responses, extras;
    bool is_begun, is_bad;
    bool wants_more, wants_extra; /* what is next, extra first */
    uint8_t sum, gso;
    uint16_t gso_size;
    struct net_rx_part parts[LINK_PIECES];
};

struct net_rx {
    const struct net_rx_ops *ops;
    enum net_state state;
    unsigned room;   /* in front of small frames */
    unsigned target; /* pages that are shared */
    struct net_page *ring;
    struct net_page *idle;   /* to be shared again */
    struct net_page **pages; /* by place: NET_RING */
    uint32_t asked, pushed, taken;
    struct net_rx_frame frame;
    unsigned held;            /* pages that were */
    uint64_t dropped, errors; /* frames: for want of memory; that were no good */
};

long net_rx_init(struct net_rx *rx, const struct net_rx_ops *ops);
void net_rx_free(struct net_rx *rx);

/* Makes the shared page, rx->ring, and shares `target` pages. -ENOMEM: not so many. */
long net_rx_make(struct net_rx *rx, unsigned target);
void net_rx_connect(struct net_rx *rx);

/* All that is shared is dropped. */
void net_rx_disconnect(struct net_rx *rx);
void net_rx_break(struct net_rx *rx);

/* Fills the batch, at the beginning of which there is nothing, as far as there is
 * something, and shares as many pages as were used. */
enum net_taken net_rx_take(struct net_rx *rx, struct net_rx_batch *batch);

#endif
