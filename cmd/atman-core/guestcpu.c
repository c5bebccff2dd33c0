/* SPDX-License-Identifier: MIT */
/*
 * A vCPU's registers: see guestcpu.h. The structure is Xen's
 * (xen/include/public/arch-x86/xen.h).
 */
#include "guestcpu.h"

#include "guestmap.h"

#include <string.h>
#include <xen/sched.h>
#include <xen/xen.h>

enum { PAGE_BITS = 12, KERNEL_STACK = 8192 /* at most */ };

static void copy_registers(struct user_regs_struct *to, const vcpu_guest_context_t *from) {
    const struct cpu_user_regs *r = &from->user_regs;
    bool is_kernel = from->flags & VGCF_in_kernel;

    *to = (struct user_regs_struct){
        .r15 = r->r15,
        .r14 = r->r14,
        .r13 = r->r13,
        .r12 = r->r12,
        .rbp = r->rbp,
        .rbx = r->rbx,
        .r11 = r->r11,
        .r10 = r->r10,
        .r9 = r->r9,
        .r8 = r->r8,
        .rax = r->rax,
        .rcx = r->rcx,
        .rdx = r->rdx,
        .rsi = r->rsi,
        .rdi = r->rdi,
        .orig_rax = ~0ull, /* not in a system call that would have to begin again */
        .rip = r->rip,
        .cs = r->cs,
        .eflags = r->eflags,
        .rsp = r->rsp,
        .ss = r->ss,
        .ds = r->ds,
        .es = r->es,
        .fs = r->fs,
        .gs = r->gs,
        .fs_base = from->fs_base,
        .gs_base = is_kernel ? from->gs_base_kernel : from->gs_base_user,
    };
}

/* The topmost words of a kernel stack, which an entry from the program has left there: the
 * runtime's struct frame (pv/frame.h). */
enum {
    R15,
    R14,
    R13,
    R12,
    RBP,
    RBX,
    R10,
    R9,
    R8,
    RDI,
    RSI,
    RDX,
    RAX,
    R11,
    RCX,
    ERROR,
    RIP,
    CS,
    RFLAGS,
    RSP,
    SS,
    WORDS
};

static bool read_words(uint64_t *words, size_t count, uint64_t va,
                       const struct xencore *core, uint64_t root) {
    for (size_t i = 0; i < count; i++, va += sizeof *words) {
        unsigned rights;
        const unsigned char *at =
            va % sizeof *words ? NULL : guestmap_find(core, root, va, &rights);

        if (!at)
            return false;
        memcpy(&words[i], at, sizeof *words);
    }
    return true;
}

static void take_frame(struct user_regs_struct *r, const uint64_t *frame) {
    r->r15 = frame[R15], r->r14 = frame[R14], r->r13 = frame[R13], r->r12 = frame[R12];
    r->rbp = frame[RBP], r->rbx = frame[RBX], r->r10 = frame[R10], r->r9 = frame[R9];
    r->r8 = frame[R8], r->rdi = frame[RDI], r->rsi = frame[RSI], r->rdx = frame[RDX];
    r->rax = frame[RAX], r->r11 = frame[R11], r->rcx = frame[RCX];
}

/*
 * Either the whole frame is there, or, where a hypercall of the program's is made once more
 * with the very instruction that was its own, its last five words, and most registers are
 * as they were.
 */
static void leave_entry(struct guestcpu *cpu, const struct xencore *core, uint64_t top) {
    struct user_regs_struct *r = &cpu->registers;
    uint64_t frame[WORDS];
    bool is_hypercall = r->rsp == top - (WORDS - RIP + 1) * sizeof *frame;

    if (!read_words(frame, WORDS, top - sizeof frame, core, cpu->root) ||
        (frame[CS] & 0xffff) != FLAT_KERNEL_CS || (frame[SS] & 0xffff) != FLAT_KERNEL_SS)
        return;
    if (is_hypercall && frame[RIP] != r->rip)
        return;
    if (!is_hypercall && (r->rsp > top - sizeof frame || r->rsp < top - KERNEL_STACK))
        return;
    cpu->is_apart = !is_hypercall;
    cpu->kernel = *r;
    if (!is_hypercall)
        take_frame(r, frame);
    r->rip = frame[RIP];
    r->cs = frame[CS] & 0xffff;
    r->eflags = frame[RFLAGS];
    r->rsp = frame[RSP];
}

/* sched_op(SCHEDOP_shutdown, &reason): of a hypercall's registers only rax is changed by
 * it. VCPUOP_down has the same number, and a vCPU's in place of the address. */
static bool is_at_shutdown(const struct guestcpu *cpu, const struct xencore *core) {
    static const unsigned char syscall[2] = {0x0f, 0x05};
    const struct user_regs_struct *r = &cpu->registers;

    for (unsigned i = 0; i < sizeof syscall; i++) {
        unsigned rights;
        uint64_t va = r->rip - sizeof syscall + i;
        const unsigned char *at = guestmap_find(core, cpu->root, va, &rights);

        if (!at || *at != syscall[i])
            return false;
    }
    uint64_t reason;
    return r->rdi == SCHEDOP_shutdown &&
           read_words(&reason, 1, r->rsi & ~7ul, core, cpu->root);
}

void guestcpu_read(struct guestcpu *cpu, const struct xencore *core, size_t i) {
    vcpu_guest_context_t context;

    _Static_assert(sizeof cpu->vectors == sizeof context.fpu_ctxt, "FXSAVE's area");
    memcpy(&context, core->vcpus + i * sizeof context, sizeof context);
    cpu->root = context.ctrlreg[3] >> PAGE_BITS;
    cpu->is_apart = false;
    cpu->is_up = context.flags & VGCF_online;
    copy_registers(&cpu->registers, &context);
    memcpy(&cpu->vectors, &context.fpu_ctxt, sizeof cpu->vectors);
    cpu->has_ended = is_at_shutdown(cpu, core);
    if (context.flags & VGCF_in_kernel)
        leave_entry(cpu, core, context.kernel_sp);
}
