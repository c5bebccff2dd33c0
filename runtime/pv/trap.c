/* SPDX-License-Identifier: MIT */
/* Registers the traps' entry points with Xen. What a trap means is signal/'s business. */
#include "pv/trap.h"

#include "xen/domain.h"
#include "xen/hypercall.h"

extern const struct trap_info trap_table[];

void trap_init(void) {
    xen_set_trap_table(trap_table);
}

unsigned long trap_fault_address(void) {
    return xen_shared_info.vcpu_info[0].arch.cr2;
}
