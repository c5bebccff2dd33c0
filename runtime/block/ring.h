/* SPDX-License-Identifier: MIT */
/*
 * A disk's end of blkif (xen/include/public/io/blkif.h): requests of any size go out as
 * parts, over a ring of one or more pages, and come back in any order.
 *
 * The other side is not trusted. What it writes is read once, checked, and used from a
 * private copy; the first thing that cannot be ends the ring, and all requests fail with
 * -EIO. Data go through pages that are shared for nothing else and stay granted, so what
 * the other side does to them, and when, is seen by requests for its own disk only; and
 * where it keeps grants mapped (feature-persistent) it need not map them again.
 *
 * Nothing here makes a hypercall or takes a lock: the user has one, held in each of the
 * calls, also while his functions are called from them. Requests that have ended are in
 * `done` after any of the calls.
 */
#ifndef ATMAN_BLOCK_RING_H
#define ATMAN_BLOCK_RING_H

#include "base/list.h"

enum {
    BLOCK_SECTOR = 512, /* bytes; the protocol's unit, whatever the disk's sectors are */
    BLOCK_PAGE_SECTORS = PAGE_SIZE / BLOCK_SECTOR,
    BLOCK_RING_PAGES = 16, /* at most */
    BLOCK_SEGMENTS = 32,   /* pages of data in a part, at most */
};

enum block_kind { BLOCK_READ, BLOCK_WRITE, BLOCK_FLUSH, BLOCK_DISCARD };

struct block_request {
    struct list node; /* the ring's, then in done */
    enum block_kind kind;
    uint64_t sector, count; /* nothing of a flush */
    /* Where the data of the request's page-th page (of PAGE_SIZE; the last may be less)
     * are: called for a write when they go, for a read when they have come. */
    char *(*memory)(struct block_request *request, size_t page);
    long error; /* when it has ended: 0, -EIO, -EOPNOTSUPP (discard) */
    /* The ring's: sectors not sent yet (of a flush 1), and parts that are. It waits in the
     * ring's list if and only if left is not 0. */
    uint64_t left;
    unsigned parts;
};

/* A page that the other side may write to, all zeros when it is new. */
struct block_page {
    struct block_page *next; /* the ring's */
    char *memory;
    uint32_t ref;
};

struct block_ring;

struct block_ring_ops {
    void (*notify)(struct block_ring *ring);
    /* NULL: none is left, or the ring has enough of them. */
    struct block_page *(*make_page)(struct block_ring *ring);
    /* The ring has done with it; the other side perhaps not. */
    void (*drop_page)(struct block_ring *ring, struct block_page *page);
};

/* What the other side can do; the user has checked that these are numbers, no more. */
struct block_offer {
    bool flush, barrier, discard;
    uint32_t segments; /* feature-max-indirect-segments, 0 if it is not there */
};

enum block_state {
    BLOCK_WAITING, /* for another side: requests are kept */
    BLOCK_RUNNING,
    BLOCK_BROKEN, /* requests fail */
};

struct block_slot;

struct block_ring {
    const struct block_ring_ops *ops;
    enum block_state state;
    struct block_offer offer;
    uint16_t handle;           /* the device's number, which goes with each request */
    unsigned page_count, size; /* 0: there is no ring; entries */
    struct block_page *pages[BLOCK_RING_PAGES];
    struct block_slot *slots[BLOCK_RING_PAGES]; /* a page's worth of entries each */
    unsigned free_slot;
    uint32_t sent, pushed, taken; /* requests made, shown; responses taken */
    struct block_page *idle;      /* the latest used first */
    struct list waiting, done;
};

/* An empty one, in which requests wait. */
void block_ring_init(struct block_ring *ring, const struct block_ring_ops *ops);

/*
 * Makes the shared memory: pages of it, a power of two, whose references are then those of
 * ring->pages. -ENOMEM: there is none. State WAITING or BROKEN; then it is WAITING.
 */
long block_ring_make(struct block_ring *ring, unsigned pages);

/* The other side has the ring: requests go. */
void block_ring_connect(struct block_ring *ring, uint16_t handle,
                        const struct block_offer *offer);

/*
 * The other side is gone and may come back: all that is shared is dropped, and what was in
 * flight waits to be sent again, as a whole.
 */
void block_ring_disconnect(struct block_ring *ring);

/* It will not come back: the same, and all requests fail, as later ones will. */
void block_ring_break(struct block_ring *ring);

/*
 * The request begins; it must not go beyond the disk's end. A flush is about writes that
 * have ended. memory must stay until it has ended.
 */
void block_ring_submit(struct block_ring *ring, struct block_request *request);

enum block_taken {
    BLOCK_NOTHING, /* no response: an event too many */
    BLOCK_ALL,     /* and the next one will be an event */
    BLOCK_MORE,    /* call again: there may be no event */
};

/* Takes at most that many responses (at least 1), and sends what has room then. */
enum block_taken block_ring_take(struct block_ring *ring, unsigned most);

#endif
