/* SPDX-License-Identifier: MIT */
/* How a further vCPU is started: VCPUOP_initialise takes its whole state. */
#include "base/string.h"
#include "pv/mode.h"
#include "pv/pagetable.h"
#include "pv/switch.h"
#include "pv/trap.h"
#include "xen/domain.h"
#include "xen/hypercall.h"

extern const struct trap_info trap_table[];
extern void entry_syscall(void), entry_upcall(void);

static void fill(struct vcpu_guest_context *c, unsigned index) {
    unsigned long gs = (unsigned long)&xen_shared_info.vcpu_info[index];
    mfn_t tables = xen_pfn_to_mfn(pt_direct_pfn((void *)xen_start_info->pt_base));

    memset(c, 0, sizeof *c);
    c->flags = VGCF_in_kernel | VGCF_syscall_disables_events;
    for (const struct trap_info *trap = trap_table; trap->address; trap++)
        c->trap_ctxt[trap->vector] = *trap;
    c->kernel_ss = FRAME_SS;
    c->ctrlreg[1] = tables << PAGE_SHIFT;
    c->ctrlreg[3] = tables << PAGE_SHIFT;
    c->event_callback_eip = (unsigned long)entry_upcall;
    c->syscall_callback_eip = (unsigned long)entry_syscall;
    c->gs_base_kernel = c->gs_base_user = gs;
}

bool mode_start_vcpu(unsigned index, unsigned long kernel_sp, void (*begin)(void)) {
    static struct vcpu_guest_context context; /* too large for a stack */

    fill(&context, index);
    context.kernel_sp = kernel_sp;
    context.user_regs.cs = FRAME_CS;
    context.user_regs.ss = FRAME_SS;
    context.user_regs.rsp = kernel_sp - 8; /* as after a call */
    context.user_regs.rip = (unsigned long)mode_begin;
    context.user_regs.rdi = (unsigned long)begin;
    vcpu_lines[index].kernel_sp = kernel_sp;
    xen_shared_info.vcpu_info[index].evtchn_upcall_mask = 1;
    return xen_vcpu_op(VCPUOP_initialise, index, &context) == 0 &&
           xen_vcpu_op(VCPUOP_up, index, NULL) == 0;
}

void mode_enter(unsigned long load) {
    struct frame f;

    switch_from_entry(&f, load);
    entry_load(&f);
}
