/* SPDX-License-Identifier: MIT */
/* Where lwIP asks us. */
#ifndef ATMAN_NET_LWIP_HOOKS_H
#define ATMAN_NET_LWIP_HOOKS_H

#include "lwip/ip_addr.h"

struct netif;
struct pbuf;

/* net/secret.c: RFC 6528. */
uint32_t net_first_sequence(const ip_addr_t *local, uint16_t local_port,
                            const ip_addr_t *remote, uint16_t remote_port);

/* net/loop.c: the loopback for what is ours, else NULL. */
struct netif *net_route4(const ip4_addr_t *from, const ip4_addr_t *to);
struct netif *net_route6(const ip6_addr_t *from, const ip6_addr_t *to);

/* net/unreachable.c: looks for ICMP's messages about what sockets sent; 0: lwIP goes on. */
int net_look4(struct pbuf *p, struct netif *from);
int net_look6(struct pbuf *p, struct netif *from);

#endif
