/* SPDX-License-Identifier: MIT */
/*
 * How an interface gets its addresses: as atman.ip= or the device's node `ip` says, else by
 * DHCP, and in IPv6 from what routers say.
 */
#ifndef ATMAN_NET_SETUP_H
#define ATMAN_NET_SETUP_H

#include "base.h"
#include "lwip/ip_addr.h"

enum { SETUP_NAMES = 3 };

struct netif;

/* What is said of one interface. */
struct setup {
    unsigned interface;                /* 0: eth0 */
    bool is_none;                      /* it is to have none, and to ask for none */
    ip4_addr_t address, mask, gateway; /* 0.0.0.0: not said, and so DHCP */
    ip6_addr_t
        address6; /* ::, likewise; with 64 bits of prefix. Routers tell of themselves */
    unsigned name_count;
    ip_addr_t names[SETUP_NAMES];
};

/*
 * Reads ADDRESS[/BITS][,gw=ADDRESS][,dns=ADDRESS]...[@NUMBER], or `none`, or `dhcp`; a
 * second address of the other family may be among these. ADDRESS [MASK [GATEWAY]], with
 * blanks between, as some toolstacks write it, is read as well. False: it is none of that.
 */
bool setup_read(struct setup *s, const char *text);

/*
 * Sets up an interface that has been added, the number-th. said is what the toolstack's
 * node says of it; "": nothing. With net_lock.
 */
void setup_begin(struct netif *netif, unsigned number, const char *said);

/* Before the program starts, in an image that has sockets. */
void setup_linked(void);

#endif
