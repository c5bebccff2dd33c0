/* SPDX-License-Identifier: MIT */
/*
 * Sending: the ring of requests to send of xen/include/public/io/netif.h. A packet is some
 * requests, each of memory in one page, and perhaps an extra entry.
 *
 * The other side is not trusted, as in block/ring.h: what it writes is read once and
 * checked, and the first thing that cannot be breaks the ring. It sees pages that are for
 * this alone, and it may keep them, or not answer: then there is no room.
 *
 * Nothing here makes a hypercall or takes a lock: the user has one, held in each of the
 * calls. Tokens of packets that have gone, or will not, are collected by net_tx_collect.
 */
#ifndef ATMAN_NET_TX_H
#define ATMAN_NET_TX_H

#include "net/link.h"
#include "net/page.h"

enum {
    NET_TX_SLOTS = 18, /* of a packet: what every backend takes */
    NET_TX_COPY = 256, /* smaller pieces are copied wherever they are */
};

struct net_tx;

struct net_tx_ops {
    void (*notify)(struct net_tx *tx);
    /* Responses may have come without an event: net_tx_take is to be called soon. */
    void (*attend)(struct net_tx *tx);
    /* NULL: none is left, or the ring has enough of them. */
    struct net_page *(*make_page)(struct net_tx *tx);
    void (*drop_page)(struct net_tx *tx, struct net_page *page);
    /* By which the other side may read the page that data are in; 0: it may not. */
    uint32_t (*find_ref)(struct net_tx *tx, const char *data);
};

struct net_tx_slot;
struct net_tx_tokens;

struct net_tx {
    const struct net_tx_ops *ops;
    enum net_state state;
    unsigned features;     /* enum link_feature, that the other side has */
    struct net_page *ring; /* NULL: there is none */
    struct net_page *idle; /* the latest used first */
    struct net_tx_slot *slots;
    struct net_tx_tokens *tokens;
    unsigned free_slot, free_slots;
    unsigned kept, done; /* tokens: of what is in flight, and to be collected */
    unsigned extras;     /* extra entries not answered */
    uint32_t sent, pushed, taken;
    bool is_wanted; /* a packet found no room */
    bool is_near;   /* the next event comes as soon as somebody may wait for it */
    uint64_t errors;
};

/* An empty one; -ENOMEM. */
long net_tx_init(struct net_tx *tx, const struct net_tx_ops *ops);
void net_tx_free(struct net_tx *tx);

/* Makes the shared page, tx->ring. -ENOMEM. State WAITING or BROKEN; then it is WAITING. */
long net_tx_make(struct net_tx *tx);
void net_tx_connect(struct net_tx *tx, unsigned features);

/* All that is shared is dropped, and what is in flight with it. */
void net_tx_disconnect(struct net_tx *tx);
void net_tx_break(struct net_tx *tx);

/* As link_send (net/link.h). What is sent is not shown before net_tx_push. */
long net_tx_send(struct net_tx *tx, const struct link_packet *packet);
void net_tx_push(struct net_tx *tx);

/* Tells the other side of a group; false: there is no room. */
bool net_tx_join(struct net_tx *tx, const uint8_t mac[6], bool is_wanted);

/* Takes the responses that are there, no more than a ring's. */
enum net_taken net_tx_take(struct net_tx *tx);

/* At most that many tokens, how many. */
unsigned net_tx_collect(struct net_tx *tx, void **tokens, unsigned most);

/* True, once, if a packet had found no room and now would. */
bool net_tx_has_room(struct net_tx *tx);

#endif
