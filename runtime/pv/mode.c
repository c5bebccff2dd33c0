/* SPDX-License-Identifier: MIT */
/*
 * Guest kernel mode and guest user mode both run in ring 3 and here have the same page
 * tables; what tells them apart is where traps land: in user mode on a stack of their own,
 * so that the program's may have pages missing.
 */
#include "pv/mode.h"

#include "pv/frame.h"
#include "pv/line.h"
#include "pv/pagetable.h"
#include "xen/cpu.h"
#include "xen/domain.h"
#include "xen/hypercall.h"

/* What Xen shows of CR4 at start, and bits of it (Intel SDM volume 3, 2.5). */
enum {
    CR4_GUEST = 0x660, /* PAE is implied; MCE, PGE, OSFXSR, OSXMMEXCPT */
    CR4_FSGSBASE = 1 << 16,
    CR4_OSXSAVE = 1 << 18,
    CPUID_7_EBX_FSGSBASE = 1 << 0,
};

extern void entry_syscall(void), entry_upcall(void);

bool mode_has_fsgsbase;

void mode_init_line(struct thread *thread) {
    vcpu_lines[0].thread = thread;
    vcpu_lines[0].depth = 1; /* events are masked */
    xen_set_segment_base(SEGBASE_GS_KERNEL, (unsigned long)&xen_shared_info);
    xen_set_segment_base(SEGBASE_GS_USER, (unsigned long)&xen_shared_info);
}

/* The plain instruction: what counts is what the processor will do. */
static struct cpuid processor(uint32_t leaf) {
    struct cpuid r;

    __asm__ __volatile__("cpuid"
                         : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
                         : "a"(leaf), "c"(0));
    return r;
}

/* Xen leaves out of CR4 what it does not allow; XSAVE's use shows in CPUID. */
static void enable_features(void) {
    enum { ALL_STATE = 7 /* x87, SSE, AVX */, AVX = 1 << 28, OSXSAVE = 1 << 27 };
    uint32_t features = processor(1).ecx;
    unsigned long cr4 = CR4_GUEST | CR4_FSGSBASE | CR4_OSXSAVE;

    __asm__ __volatile__("mov %0, %%cr4" : : "r"(cr4));
    mode_has_fsgsbase = processor(7).ebx & CPUID_7_EBX_FSGSBASE;
    if (features & OSXSAVE && features & AVX)
        __asm__ __volatile__("xsetbv" : : "a"(ALL_STATE), "d"(0), "c"(0));
}

void mode_init(unsigned long kernel_sp) {
    struct mmuext_op op = {.cmd = MMUEXT_NEW_USER_BASEPTR};
    struct callback_register syscall = {.type = CALLBACKTYPE_syscall,
                                        .flags = CALLBACKF_mask_events,
                                        .address = (unsigned long)entry_syscall};

    op.arg1.mfn = xen_pfn_to_mfn(pt_direct_pfn((void *)xen_start_info->pt_base));
    xen_mmuext_op(&op, 1);
    xen_stack_switch(FRAME_SS, kernel_sp);
    xen_callback_op(CALLBACKOP_register, &syscall);
    vcpu_lines[0].kernel_sp = kernel_sp;
    enable_features();
}

void mode_enable_upcalls(void) {
    struct callback_register event = {.type = CALLBACKTYPE_event,
                                      .address = (unsigned long)entry_upcall};

    xen_callback_op(CALLBACKOP_register, &event);
}

unsigned long mode_get_fs(unsigned long known) {
    if (mode_has_fsgsbase)
        __asm__ __volatile__("rdfsbase %0" : "=r"(known));
    return known;
}

void mode_set_fs(unsigned long base) {
    if (mode_has_fsgsbase)
        __asm__ __volatile__("wrfsbase %0" : : "r"(base));
    else
        xen_set_segment_base(SEGBASE_FS, base);
}

void mode_switch_fs(unsigned long *last, unsigned long next) {
    if (mode_has_fsgsbase) {
        __asm__ __volatile__("rdfsbase %0" : "=r"(*last));
        __asm__ __volatile__("wrfsbase %0" : : "r"(next));
    } else if (*last != next) {
        xen_set_segment_base(SEGBASE_FS, next);
    }
}

void mode_begin(void (*begin)(void)) {
    enable_features();
    begin();
    __builtin_unreachable();
}
