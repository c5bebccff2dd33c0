/* SPDX-License-Identifier: MIT */
/*
 * The network devices that other domains serve (xen/include/public/io/netif.h): each is a
 * link (net/link.h). They come and go with xenstore (xenbus/frontend.h); a device has some
 * queues, each two rings (net/tx.h, net/rx.h), which a thread of the driver's looks after:
 * one for the first queues of all devices, one for the second ones, and so on.
 */
#ifndef ATMAN_NET_FRONT_H
#define ATMAN_NET_FRONT_H

#include "net/link.h"
#include "net/offer.h"
#include "net/rx.h"
#include "net/tx.h"
#include "sched/mutex.h"
#include "xen/lock.h"
#include "xenbus/frontend.h"

enum { NET_QUEUES = 8, NET_GROUPS = 64 };

struct net_device;

struct net_queue {
    struct net_device *device;
    unsigned index;

    struct lock tx_lock; /* LOCK_OBJECT, of what follows: */
    struct net_tx tx;
    unsigned copies, copies_most; /* pages */

    struct lock rx_lock; /* LOCK_OBJECT, of what follows: */
    struct net_rx rx;
    evtchn_port_t tx_port, rx_port; /* the same, or two; 0: none. Read without it, too */

    bool is_due;        /* atomic: to be looked at */
    bool is_masked;     /* atomic: events came while it was due */
    unsigned idle;      /* looks in a row that found nothing */
    uint64_t resume_at; /* its ports are masked until then; 0: no */
};

/* A group's address, and how many want its frames. */
struct net_group {
    uint8_t mac[6];
    uint16_t count; /* 0: the place is free, once it is told */
    bool is_told;   /* the other side knows */
};

struct net_device {
    struct frontend front; /* the first member */
    struct link link;
    struct list node;    /* of all; under links_lock */
    uint32_t references; /* atomic */
    bool is_removed;     /* under links_lock */
    bool is_added;       /* the user knows the link */
    struct net_offer offer;
    struct store_watch carrier; /* if is_watched */
    char carrier_path[FRONTEND_PATH + 8];
    bool is_watched;
    unsigned queue_count; /* atomic: that are in use */
    struct net_queue *queues[NET_QUEUES];
    struct mutex groups_mutex; /* of groups */
    bool has_untold;           /* atomic: of groups */
    struct net_group *groups;
};

extern const struct link_user *net_user;

/* The next one behind d, which is dropped, or the first (NULL): with a reference. */
struct net_device *net_next(struct net_device *d);
void net_drop(struct net_device *d);

/* --- net/queue.c: in the store's thread -------------------------------------------------
 */

/* A new one, and the thread that looks after it. NULL: no memory. */
struct net_queue *net_queue_new(struct net_device *d, unsigned index);
void net_queue_free(struct net_queue *q);

/* Rings and ports, with so many pages to receive, and to copy into. -ENOMEM. */
long net_queue_make(struct net_queue *q, unsigned target, unsigned copies);
void net_queue_connect(struct net_queue *q);

/* All that is shared goes, and tokens go back. */
void net_queue_disconnect(struct net_queue *q);

/* The domain is another one now: the same, but of tokens and ports. In a kernel entry. */
void net_queue_forget(struct net_queue *q);

/* Afterwards no thread of a queue is busy with a device that was out of the list before. */
void net_queues_wait(void);

/* Soon the queue's thread looks at it. In any context, with no lock from LOCK_OBJECT on. */
void net_queue_attend(struct net_queue *q);

/* The queue's events. In its handler. */
void net_queue_event(struct net_queue *q, evtchn_port_t port);

/* --- net/publish.c ----------------------------------------------------------------------
 */

/* All that the other end is to know, once the queues are made. As frontend_publish. */
long net_publish(struct net_device *d);

/* --- net/groups.c -----------------------------------------------------------------------
 */

/* Tells the other side of groups that it does not know; all of them if it is a new one. */
void net_groups_tell(struct net_device *d, bool is_new);

#endif
