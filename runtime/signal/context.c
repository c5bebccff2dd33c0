/* SPDX-License-Identifier: MIT */
/*
 * The frame of a handler, as Linux lays it out (struct rt_sigframe of x86-64), on the
 * program's stack: from its lower end the address that the handler returns to, the
 * ucontext_t, the siginfo_t, and the floating-point state. Made and read back in a kernel
 * entry, where the floating-point registers are still the program's and the thread's own
 * area for them is free.
 */
#include <errno.h>
#include <signal.h>

#include "pv/access.h"
#include "signal/fault.h"
#include "signal/internal.h"

/* The order of ucontext_t's gregs (<signal.h>, REG_*). */
struct registers {
    unsigned long r8, r9, r10, r11, r12, r13, r14, r15;
    unsigned long rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, rflags;
    uint16_t cs, gs, fs, ss;
    unsigned long error, trap, mask, fault_address;
};

struct context {
    unsigned long restorer;
    /* From here on ucontext_t. */
    unsigned long flags;
    unsigned long link;
    struct {
        unsigned long start;
        uint32_t flags, unused;
        size_t size;
    } stack;
    struct registers registers;
    unsigned long fpu;
    uint64_t point; /* reserved in Linux: enum cancel_point of what is interrupted */
    uint64_t reserved[7];
    uint64_t mask;
};

enum {
    UCONTEXT = sizeof(long),
    INFO = UCONTEXT + 424, /* the C library's type has room for 1024 signals */
    INFO_SIZE = 128,
    FRAME_SIZE = INFO + INFO_SIZE,

    CONTEXT_HAS_XSTATE = 1, /* of uc_flags */
    CONTEXT_CS = 0x33,      /* what Linux shows */
    CONTEXT_SS = 0x2b,

    FLAG_TRAP = 0x100,
    FLAG_DIRECTION = 0x400,
    FLAG_RESUME = 0x10000,
    FLAGS_OF_PROGRAM = 0x50dd5, /* what it may change in a context: no IF, no IOPL */
};

_Static_assert(offsetof(struct context, registers) == 48, "gregs are at 40 of ucontext_t");
_Static_assert(offsetof(struct context, mask) == 304, "uc_sigmask is at 296 of it");

/* A jump to an address that the processor has none of must not be Xen's fault. */
static unsigned long sane_address(unsigned long address) {
    unsigned long top = address >> 47;

    return top == 0 || top == 0x1ffff ? address : address | 0xffff800000000000ul;
}

static void save_registers(struct registers *r, const struct frame *f) {
    *r = (struct registers){
        .r8 = f->r8,
        .r9 = f->r9,
        .r10 = f->r10,
        .r11 = f->r11,
        .r12 = f->r12,
        .r13 = f->r13,
        .r14 = f->r14,
        .r15 = f->r15,
        .rdi = f->rdi,
        .rsi = f->rsi,
        .rbp = f->rbp,
        .rbx = f->rbx,
        .rdx = f->rdx,
        .rax = f->rax,
        .rcx = f->rcx,
        .rsp = f->rsp,
        .rip = f->rip,
        .rflags = f->rflags,
        .cs = CONTEXT_CS,
        .ss = CONTEXT_SS,
    };
}

static void load_registers(struct frame *f, const struct registers *r) {
    f->r8 = r->r8;
    f->r9 = r->r9;
    f->r10 = r->r10;
    f->r11 = r->r11;
    f->r12 = r->r12;
    f->r13 = r->r13;
    f->r14 = r->r14;
    f->r15 = r->r15;
    f->rdi = r->rdi;
    f->rsi = r->rsi;
    f->rbp = r->rbp;
    f->rbx = r->rbx;
    f->rdx = r->rdx;
    f->rax = r->rax;
    f->rcx = r->rcx;
    f->rsp = r->rsp;
    f->rip = sane_address(r->rip);
    f->rflags =
        (f->rflags & ~(unsigned long)FLAGS_OF_PROGRAM) | (r->rflags & FLAGS_OF_PROGRAM);
}

/*
 * Where the handler's stack begins; 0: it was on the alternate stack and has run over its
 * end.
 */
static unsigned long find_stack(const struct frame *f, const struct signal_action *action) {
    const struct signal_stack *s = &thread_current()->signals.stack;
    bool inside = signal_is_on_stack(s, f->rsp);
    unsigned long below = f->rsp - FRAME_RED_ZONE - FRAME_SIZE - fpu_frame_size();

    if (action->flags & SA_ONSTACK && s->size && !inside)
        return s->start + s->size;
    return inside && !signal_is_on_stack(s, below) ? 0 : f->rsp - FRAME_RED_ZONE;
}

/* The mask to go back to; sigsuspend's is in force for the handler only. */
static uint64_t mask_before(struct thread_signals *s) {
    return s->goes_back ? s->before : s->blocked;
}

static void describe_context(struct context *c, const struct frame *f,
                             const struct thread_signals *s, uint64_t mask,
                             const struct fault *fault) {
    save_registers(&c->registers, f);
    c->registers.mask = mask;
    if (fault) {
        c->registers.error = f->error;
        c->registers.trap = fault->vector;
        c->registers.fault_address = fault->vector == TRAP_PAGE_FAULT ? fault->address : 0;
    }
    c->restorer = (unsigned long)signal_restorer;
    c->flags = CONTEXT_HAS_XSTATE;
    c->stack.start = s->stack.start;
    c->stack.size = s->stack.size;
    c->stack.flags = s->stack.flags | (s->stack.size ? 0 : SS_DISABLE);
    c->point = s->point;
    c->mask = mask;
}

static long write_frame(unsigned long at, const struct context *c,
                        const struct signal_info *info, void *fpu) {
    static const char zero[INFO_SIZE - sizeof *info];
    char *p = (char *)at;
    long error = fpu_write_frame((void *)c->fpu, fpu);

    if (!error)
        error = user_write(p, c, sizeof *c);
    if (!error)
        error = user_write(p + INFO, info, sizeof *info);
    return error ? error : user_write(p + INFO + sizeof *info, zero, sizeof zero);
}

long signal_enter(struct frame *f, const struct signal_info *info,
                  const struct signal_action *action, const struct fault *fault) {
    struct thread *t = thread_current();
    struct thread_signals *s = &t->signals;
    struct context c = {0};
    unsigned long sp = find_stack(f, action);

    if (!sp)
        return -EFAULT;
    fpu_save(t->fpu);
    c.fpu = ROUND_DOWN(sp - fpu_frame_size(), 64);
    sp = ROUND_DOWN(c.fpu - FRAME_SIZE, 16) - 8; /* as after a call */
    describe_context(&c, f, s, mask_before(s), fault);
    long error = write_frame(sp, &c, info, t->fpu);
    if (error)
        return error;
    fpu_clear(t->fpu);
    fpu_load(t->fpu);
    s->goes_back = false;
    s->point = POINT_NONE;
    if (s->stack.flags & SS_AUTODISARM)
        s->stack = (struct signal_stack){0};
    f->rip = sane_address((unsigned long)action->handler);
    f->rsp = sp;
    f->rdi = (unsigned long)info->signal;
    f->rsi = sp + INFO;
    f->rdx = sp + UCONTEXT;
    f->rax = 0;
    f->rflags &= ~(unsigned long)(FLAG_DIRECTION | FLAG_TRAP | FLAG_RESUME);
    signal_set_mask(s->blocked | action->mask |
                    (action->flags & SA_NODEFER ? 0 : signal_bit(info->signal)));
    return 0;
}

static long load_fpu(void *area, const void *from) {
    long error = 0;

    if (from)
        error = fpu_read_frame(area, from);
    else
        fpu_clear(area);
    if (!error)
        fpu_load(area);
    return error;
}

long signal_leave(struct frame *f) {
    struct thread *t = thread_current();
    struct context c;
    long error = t->fpu ? user_read(&c, (const void *)(f->rsp - UCONTEXT), sizeof c)
                        : -EFAULT; /* there has been no handler */

    if (!error)
        error = load_fpu(t->fpu, (const void *)c.fpu);
    if (error)
        return error;
    load_registers(f, &c.registers);
    t->signals.point = c.point <= POINT_INTERRUPTED ? (uint8_t)c.point : POINT_NONE;
    signal_restore_stack(c.stack.start, c.stack.size, c.stack.flags, f->rsp);
    signal_set_mask(c.mask);
    return 0;
}
