/* SPDX-License-Identifier: MIT */
/*
 * The two pages that every PV domain shares with Xen: start_info, read at start, and
 * shared_info, which goes on changing.
 */
#ifndef ATMAN_XEN_DOMAIN_H
#define ATMAN_XEN_DOMAIN_H

#include "base.h"
#include "xen/interface.h"

/* Set once, before anything else runs. */
extern struct start_info *xen_start_info;

/* A page of the image's, mapped to Xen's frame by pv/protect.c. */
extern struct shared_info xen_shared_info;

/* The first domain has the hypervisor's console and no xenstore. */
static inline bool xen_is_initial_domain(void) {
    return xen_start_info->flags & SIF_INITDOMAIN;
}

/* pfn to mfn: the list that the builder left. The pfn must be one of the domain's. */
ALWAYS_INLINE mfn_t xen_pfn_to_mfn(pfn_t pfn) {
    return ((const unsigned long *)xen_start_info->mfn_list)[pfn];
}

/* mfn to pfn: Xen's own table, readable by every PV domain. */
ALWAYS_INLINE pfn_t xen_mfn_to_pfn(mfn_t mfn) {
    return ((const unsigned long *)MACH2PHYS_VIRT_START)[mfn];
}

#endif
