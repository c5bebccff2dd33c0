/* SPDX-License-Identifier: MIT */
/*
 * The network's name servers, as lwIP learns of them, go to /etc/resolv.conf, where the C
 * library looks; a file that the program or the user has written stays.
 */
#ifndef ATMAN_NET_RESOLVER_H
#define ATMAN_NET_RESOLVER_H

#include "lwip/ip_addr.h"

/* Those are asked, and no others that are learnt. With the lock. */
void resolver_say(const ip_addr_t *list, unsigned count);

/* What is new is written. Without the lock. */
void resolver_write(void);

#endif
