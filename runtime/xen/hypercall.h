/* SPDX-License-Identifier: MIT */
/*
 * Hypercalls, one function each, in the types of Xen's public headers. A negative result
 * is a negative errno, Xen's numbers being Linux's. All may be called with any state of
 * the event mask.
 */
#ifndef ATMAN_XEN_HYPERCALL_H
#define ATMAN_XEN_HYPERCALL_H

#include <stddef.h>

#include "base.h"
#include "xen/interface.h"

long hypercall(unsigned long a1, unsigned long a2, unsigned long a3, unsigned long a4,
               unsigned long a5, unsigned long number);

/* Table of traps, ended by an entry with address 0; replaces all that was set before. */
static inline long xen_set_trap_table(const struct trap_info *table) {
    return hypercall((unsigned long)table, 0, 0, 0, 0, __HYPERVISOR_set_trap_table);
}

/* Carries out count updates in order and stops at the first that fails. */
static inline long xen_mmu_update(const struct mmu_update *updates, unsigned count) {
    return hypercall((unsigned long)updates, count, 0, DOMID_SELF, 0,
                     __HYPERVISOR_mmu_update);
}

/* The entry of the page at va becomes entry; flags is UVMF_*. */
static inline long xen_update_va_mapping(unsigned long va, uint64_t entry,
                                         unsigned long flags) {
    return hypercall(va, entry, flags, 0, 0, __HYPERVISOR_update_va_mapping);
}

static inline long xen_mmuext_op(const struct mmuext_op *ops, unsigned count) {
    return hypercall((unsigned long)ops, count, 0, DOMID_SELF, 0, __HYPERVISOR_mmuext_op);
}

/* Where traps in user mode find their stack. */
static inline long xen_stack_switch(unsigned long ss, unsigned long sp) {
    return hypercall(ss, sp, 0, 0, 0, __HYPERVISOR_stack_switch);
}

static inline long xen_callback_op(unsigned command, void *argument) {
    return hypercall(command, (unsigned long)argument, 0, 0, 0, __HYPERVISOR_callback_op);
}

/* which is SEGBASE_FS, SEGBASE_GS_KERNEL or SEGBASE_GS_USER. */
static inline long xen_set_segment_base(unsigned which, unsigned long base) {
    return hypercall(which, base, 0, 0, 0, __HYPERVISOR_set_segment_base);
}

static inline long xen_console_io(unsigned command, size_t count, void *buffer) {
    return hypercall(command, count, (unsigned long)buffer, 0, 0, __HYPERVISOR_console_io);
}

static inline long xen_sched_op(unsigned command, void *argument) {
    return hypercall(command, (unsigned long)argument, 0, 0, 0, __HYPERVISOR_sched_op);
}

/* How many extents were seen to, where the command is about some. */
static inline long xen_memory_op(unsigned command, void *argument) {
    return hypercall(command, (unsigned long)argument, 0, 0, 0, __HYPERVISOR_memory_op);
}

/* Stops the domain, to be saved: start_info's frame is where the toolstack looks for it. */
static inline long xen_suspend(mfn_t start_info) {
    struct sched_shutdown shutdown = {.reason = SHUTDOWN_suspend};

    return hypercall(SCHEDOP_shutdown, (unsigned long)&shutdown, start_info, 0, 0,
                     __HYPERVISOR_sched_op);
}

static inline long xen_event_channel_op(unsigned command, void *argument) {
    return hypercall(command, (unsigned long)argument, 0, 0, 0,
                     __HYPERVISOR_event_channel_op);
}

/* Zero if the operations were looked at: each says in its status how it went. */
static inline long xen_grant_table_op(unsigned command, void *operations, unsigned count) {
    return hypercall(command, (unsigned long)operations, count, 0, 0,
                     __HYPERVISOR_grant_table_op);
}

/* The single-shot timer of this vCPU, for system time when (ns). */
static inline long xen_set_timer_op(uint64_t when) {
    return hypercall(when, 0, 0, 0, 0, __HYPERVISOR_set_timer_op);
}

static inline long xen_vcpu_op(unsigned command, unsigned vcpu, void *argument) {
    return hypercall(command, vcpu, (unsigned long)argument, 0, 0, __HYPERVISOR_vcpu_op);
}

static inline long xen_physdev_op(unsigned command, void *argument) {
    return hypercall(command, (unsigned long)argument, 0, 0, 0, __HYPERVISOR_physdev_op);
}

#endif
