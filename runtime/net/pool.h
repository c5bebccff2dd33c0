/* SPDX-License-Identifier: MIT */
/* The link pool (net/link.h) as the driver knows it: pages, and by which references the
 * other end may read them. All of them are one domain's to read. */
#ifndef ATMAN_NET_POOL_H
#define ATMAN_NET_POOL_H

#include "xen/interface.h"

/* Pages may be made from now on, for that domain, unless there are any for another one. */
void net_pool_open(domid_t other);

/* By which that domain may read the page that data are in; 0: it may not. Any locks. */
uint32_t net_pool_ref(domid_t other, const void *data);

#endif
