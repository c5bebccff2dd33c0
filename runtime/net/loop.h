/* SPDX-License-Identifier: MIT */
/* The loopback interface. With the lock. */
#ifndef ATMAN_NET_LOOP_H
#define ATMAN_NET_LOOP_H

#include "base.h"
#include "lwip/ip_addr.h"

struct netif;

enum { LOOP_MTU = 65536 }; /* as programs are told; lwIP's is one less */

void loop_init(void);

/* All that was sent to ourselves is received. */
void loop_deliver(void);

bool loop_is(const struct netif *netif);

/* It is an address of ours: of an interface, or of the loopback's network. */
bool net_is_own(const ip_addr_t *address);

#endif
