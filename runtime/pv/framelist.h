/* SPDX-License-Identifier: MIT */
/*
 * The list of the domain's frames, told to the toolstack: `xl save` and `xl dump-core` find
 * the domain's memory by it.
 */
#ifndef ATMAN_PV_FRAMELIST_H
#define ATMAN_PV_FRAMELIST_H

/* Publishes the list that the builder has made, in xen_shared_info; at the start of an
 * ordinary domain, and wherever it is anew. Takes two pages, or three from 1 GiB on;
 * without them the domain can be neither saved nor dumped. */
void framelist_publish(void);

#endif
