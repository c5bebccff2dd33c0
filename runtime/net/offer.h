/* SPDX-License-Identifier: MIT */
/*
 * What a network device's backend has published, and the toolstack about it, as numbers
 * that can be used: it is text that may be anything. What makes no sense counts as not
 * there.
 */
#ifndef ATMAN_NET_OFFER_H
#define ATMAN_NET_OFFER_H

#include "net/link.h"

struct net_offer {
    bool copies;       /* it can fill pages; else there is nothing to be had of it */
    unsigned features; /* enum link_feature */
    unsigned queues;   /* at most; 0: it does not know of several */
    bool splits;       /* events of each queue by two ports */
    bool is_up;        /* the cable is in */
};

/*
 * The node of that name in the backend's directory: its length and as much of it as there
 * is room for, or an error: it is not there.
 */
struct net_reader {
    long (*read)(struct net_reader *reader, const char *name, char *value, size_t size);
};

void net_offer_read(struct net_reader *reader, struct net_offer *offer);

/* An Ethernet address as 00:16:3e:01:02:03. False: it is not one that a link can have. */
bool net_offer_mac(const char *text, uint8_t mac[6]);

/* What a link's MTU is, of what the toolstack says ("": nothing) and of what can be sent.
 */
uint16_t net_offer_mtu(const char *text, unsigned features);

/* The number of a device by its name, at most 999. False: it is not one. */
bool net_offer_number(const char *name, unsigned *number);

#endif
