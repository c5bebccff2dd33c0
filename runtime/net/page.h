/* SPDX-License-Identifier: MIT */
/* What the rings of a network device have in common. */
#ifndef ATMAN_NET_PAGE_H
#define ATMAN_NET_PAGE_H

#include "base.h"

enum { NET_RING = 256 /* entries of either ring, which is one page */ };

/* A page that is shared with the other side, all zeros when it is new. */
struct net_page {
    struct net_page *next; /* the ring's */
    char *memory;
    uint32_t ref;
};

enum net_state {
    NET_WAITING, /* for another side */
    NET_RUNNING,
    NET_BROKEN, /* it did what cannot be */
};

enum net_taken {
    NET_NOTHING, /* no response: an event too many */
    NET_ALL,     /* and the next one will be an event */
    NET_MORE,    /* call again: there may be no event */
};

#endif
