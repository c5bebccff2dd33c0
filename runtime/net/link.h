/* SPDX-License-Identifier: MIT */
/*
 * A link is a network interface of the domain's as its two users see it: the driver
 * (net/front.c), which serves it over rings to another domain, and the stack, which gives
 * and gets Ethernet frames. Neither knows more of the other than is here.
 *
 * Frames that come in are memory that is the stack's from then on. What goes out is copied,
 * or, if it lies in pages of the link pool, sent from where it is.
 *
 * Nothing here may be called in a kernel entry or with a lock of xen/lock.h held, but for
 * link_page_free; a mutex of the caller's may be held where the functions of the user that
 * take it are not running in the same thread.
 */
#ifndef ATMAN_NET_LINK_H
#define ATMAN_NET_LINK_H

#include "base.h"

enum {
    LINK_PIECES = 18,        /* of a frame that comes in, at most */
    LINK_FRAME_MOST = 65535, /* bytes of a frame, with its Ethernet header */
    LINK_SMALL = 256,        /* a frame of no more comes in a small block */
    LINK_HEADER = 14,        /* of Ethernet, which an MTU does not count */
    LINK_TOKENS = 64,        /* of one call of sent */
    LINK_FRAMES = 32,        /* of one call of receive */
};

/* What may be left to the other side of what is sent. */
enum link_feature {
    LINK_SG = 1,    /* frames larger than a page */
    LINK_CSUM4 = 2, /* the sum of TCP and UDP over IPv4 */
    LINK_CSUM6 = 4,
    LINK_TSO4 = 8, /* large TCP segments are cut up */
    LINK_TSO6 = 16,
    LINK_FILTER = 32, /* it takes away what comes for groups that were not joined */
};

enum link_sum {
    LINK_SUM_THERE, /* in: it is there, and is to be looked at. Out: it is there */
    LINK_SUM_GOOD,  /* in: it was looked at */
    /* The field holds no more than the sum of the pseudo-header (folded, not complemented,
     * with the length of the whole, as Linux's CHECKSUM_PARTIAL). In: the data are good. */
    LINK_SUM_BLANK,
};

enum link_gso {
    LINK_GSO_NONE,
    LINK_GSO_TCP4, /* XEN_NETIF_GSO_TYPE_* */
    LINK_GSO_TCP6,
};

struct link_piece {
    char *data;
    uint32_t size; /* not 0 in what comes in */
};

/*
 * One that came in. Each piece ends with its page at the latest, and is given back with
 * link_page_free, in any order, any time. Or is_small: there is one piece, in a block of
 * the heap's that begins user->room bytes (rounded up to 16) before the data: heap_free.
 */
struct link_frame {
    const struct link_piece *pieces; /* as long as receive runs */
    uint32_t size;
    uint8_t count;
    bool is_small;
    uint8_t sum;       /* enum link_sum */
    uint8_t gso;       /* enum link_gso */
    uint16_t gso_size; /* not 0 if gso is not: what each segment had, at most */
};

/* One to be sent. */
struct link_packet {
    const struct link_piece *pieces; /* any of them, of memory that does not fault */
    unsigned count;
    uint8_t sum; /* enum link_sum: THERE or BLANK */
    uint8_t gso; /* enum link_gso; then sum is BLANK, and: */
    uint16_t gso_size;
    uint32_t hash; /* packets of one hash stay in order */
    bool more;     /* another one follows at once, or link_push */
    void *token;   /* not NULL, if the data may be kept */
};

struct link;

/* The stack. All but sent and receive are called in the store's thread, one at a time. */
struct link_user {
    size_t room;  /* left free in front of a small frame, at most 128 */
    bool filters; /* it calls link_join for each group that it wants frames for */
    /* A new one, which is down. It may be used until removed has returned. */
    void (*added)(struct link *link);
    /* It went up or down, or something else of it changed. */
    void (*changed)(struct link *link);
    void (*removed)(struct link *link); /* none of the others is called any more */
    /* In the driver's thread of the queue that they came by; frames of other queues may be
     * given at the same time. The pieces are the user's now. */
    void (*receive)(struct link *link, const struct link_frame *frames, unsigned count);
    /* What went by reference has gone, or never will: the data may change. In the same
     * thread, or the store's. */
    void (*sent)(struct link *link, void *const *tokens, unsigned count);
    /* After link_send was -EAGAIN: there is room again, if the link has not gone down
     * since. In the same thread. */
    void (*writable)(struct link *link);
};

struct link {
    char name[16]; /* eth0 */
    uint8_t mac[6];
    unsigned number; /* of the toolstack's: 0 of eth0 */
    char said[64];   /* of its addresses, the toolstack's node `ip`; "": nothing */
    /* These change before changed is called. */
    bool is_up;
    uint16_t mtu;
    unsigned features; /* enum link_feature */
    void *user;        /* the stack's */
    /* What has happened, from the start on; each counted by one thread of the driver's, or
     * under its locks. */
    struct {
        uint64_t frames_in, bytes_in, frames_out, bytes_out, dropped_in, errors_in;
        uint64_t errors_out;
    } counts;
};

/*
 * Looks for links from now on. Once; user stays. Starts the scheduler. -ENODEV: there is no
 * store that says which there are, or another error.
 */
long links_start(const struct link_user *user);

/* Waits until those that are listed are there, at most until that moment (sched/clock.h).
 */
void links_wait(uint64_t until);

enum { LINK_COPIED, LINK_KEPT };

/*
 * Sends the packet, or nothing of it: LINK_COPIED: its data may change now; LINK_KEPT: not
 * before sent has been called with its token. -EAGAIN: there is no room, writable will be
 * called. -ENOMEM: there is no memory, it is lost. -ENETDOWN: the link is down. -EMSGSIZE:
 * it is larger than can go (LINK_FRAME_MOST, or a page without LINK_SG). -EINVAL: it wants
 * what is not among the features.
 */
long link_send(struct link *link, const struct link_packet *packet);

/* What was sent with `more` goes. */
void link_push(struct link *link);

/* Frames for a group's Ethernet address are wanted, or not any more; calls are counted. */
void link_join(struct link *link, const uint8_t mac[6], bool is_wanted);

/* Gives back the page of a frame that data point into. With any lock below LOCK_GRANT. */
void link_page_free(void *data);

/*
 * The link pool: pages, zeroed at first, that the other end of links may read at any time,
 * also before and after they are sent. So they hold nothing but what goes out that way:
 * nothing for the loopback. What of a packet lies in them goes without a copy.
 *
 * NULL: there is no memory, or enough of it is in the pool, or there is no link (the user
 * is to copy instead).
 */
void *link_pool_alloc(void);
void link_pool_free(void *page);

#endif
