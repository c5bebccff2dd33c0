/* SPDX-License-Identifier: MIT */
/* Interfaces as programs see them. With the lock. */
#ifndef ATMAN_NET_INTERFACE_H
#define ATMAN_NET_INTERFACE_H

#include "base.h"

struct netif;

enum { INTERFACE_NAME = 16 };

/* lo, eth0, … */
void interface_name(const struct netif *netif, char name[INTERFACE_NAME]);

/* IFF_*. */
unsigned interface_flags(const struct netif *netif);

unsigned interface_mtu(const struct netif *netif);

#endif
