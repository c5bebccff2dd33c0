/* SPDX-License-Identifier: MIT */
/*
 * The first vCPU asks to be suspended; Xen stops them all, and what the toolstack saves is
 * their registers as well. So the other end of this is the hypercall's return, there as
 * here. What it returns the toolstack has set: 1 if the domain was not moved.
 */
#include "pv/away.h"

#include "pv/framelist.h"
#include "pv/pagetable.h"
#include "xen/domain.h"
#include "xen/hypercall.h"
#include "xen/time.h"

/* The page of the image that shared_info takes the place of is no other's. */
static void map_shared_info(uint64_t entry) {
    xen_update_va_mapping((unsigned long)&xen_shared_info, entry, UVMF_INVLPG | UVMF_ALL);
}

/* In what is saved, start_info names the rings by their pfns. */
static void name_rings(unsigned long (*name)(unsigned long frame)) {
    xen_start_info->store_mfn = name(xen_start_info->store_mfn);
    xen_start_info->console.domU.mfn = name(xen_start_info->console.domU.mfn);
}

static unsigned long to_pfn(unsigned long mfn) {
    return xen_mfn_to_pfn(mfn);
}

static unsigned long to_mfn(unsigned long pfn) {
    return xen_pfn_to_mfn(pfn);
}

/* Who looked for a signal before, and is about to wait for one, is to look again. */
static void signal(evtchn_port_t port) {
    __atomic_fetch_or(&xen_shared_info.evtchn_pending[port / 64], 1ul << port % 64,
                      __ATOMIC_SEQ_CST);
}

static void arrive(void) {
    framelist_publish();
    signal(xen_start_info->console.domU.evtchn);
    signal(xen_start_info->store_evtchn);
}

bool away(void) {
    xen_time_stop();
    name_rings(to_pfn);
    map_shared_info(pt_entry(pt_direct_pfn(&xen_shared_info), PTE_READ_WRITE));
    bool is_elsewhere = xen_suspend(xen_pfn_to_mfn(pt_direct_pfn(xen_start_info))) == 0;
    map_shared_info(xen_start_info->shared_info | PTE_READ_WRITE);
    if (is_elsewhere)
        arrive();
    else
        name_rings(to_mfn);
    xen_time_go_on();
    return is_elsewhere;
}
