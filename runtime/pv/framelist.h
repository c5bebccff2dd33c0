/* SPDX-License-Identifier: MIT */
/*
 * The list of the domain's frames (xen/domain.h, xen_pfn_to_mfn). The toolstack is told of
 * it: `xl save` and `xl dump-core` find the domain's memory by it. An ordinary domain's may
 * change and grow (mm/balloon.c); then mm_lock is held.
 */
#ifndef ATMAN_PV_FRAMELIST_H
#define ATMAN_PV_FRAMELIST_H

#include "base.h"
#include "xen/interface.h"

/* What the list says of a frame that the domain has not. */
#define FRAME_NONE (~(mfn_t)0)

/*
 * Publishes the list in xen_shared_info; at the start of an ordinary domain, and wherever
 * it is anew. Takes two pages, or three from 1 GiB on; without them the domain can be
 * neither saved nor dumped.
 */
void framelist_publish(void);

/* Makes the list one of frames below end; the new ones are FRAME_NONE. 0 or -ENOMEM. */
int framelist_extend(pfn_t end);

/* Frame pfn, which the list has room for, is mfn from now on. */
void framelist_set(pfn_t pfn, mfn_t mfn);

#endif
