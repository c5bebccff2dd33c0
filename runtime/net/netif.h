/* SPDX-License-Identifier: MIT */
/* The interfaces that links are (net/link.h), beside the loopback. */
#ifndef ATMAN_NET_NETIF_H
#define ATMAN_NET_NETIF_H

#include "base.h"

/* Links are looked for from now on. Once. */
void netifs_start(void);

/*
 * Waits until the interfaces that are there have their addresses, but not for ever: for who
 * asks for what needs one. Without the lock.
 */
void netifs_settle(void);

/* With the lock: what was sent since then goes. */
void netifs_push(void);

#endif
