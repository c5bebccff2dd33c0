/* SPDX-License-Identifier: MIT */
/* With the lock. */
#ifndef ATMAN_NET_SYN_H
#define ATMAN_NET_SYN_H

#include "lwip/ip_addr.h"
#include "lwip/prot/tcp.h"

/* A segment comes to an address, before lwIP sees it. */
void syn_look(const struct tcp_hdr *header, const ip_addr_t *from, const ip_addr_t *to);

/* Of connections that have ended only so many are remembered. */
void syn_trim(void);

#endif
