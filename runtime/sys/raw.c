/* SPDX-License-Identifier: MIT */
/*
 * `syscall` instructions of the program's own. The kernel entry cannot carry a call out,
 * for it may block; so the registers are put on a stack that the thread has for this, and
 * the call is made there in user mode, like any other. The program's own stack is not
 * looked at: it need not be one. As under Linux the registers are changed only as the call
 * wants it, those of floating-point too, since a thread that changes over within a raw call
 * keeps them (sched/schedule.c).
 *
 * No handler runs before the call has ended (signal/deliver.c), so there is one at a time.
 *
 * It is in an image if the dispatcher is (sys/dispatch.c), which refers to it.
 */
#include <errno.h>
#include <sys/syscall.h>

#include "mm/space.h"
#include "pv/access.h"
#include "pv/switch.h"
#include "pv/trap.h"
#include "sched/thread.h"
#include "signal/signal.h"
#include "sys/calls.h"
#include "xen/lock.h"

enum {
    /* Of rflags, as Linux does it: trap, direction, nested task, alignment check. */
    FLAGS_CLEARED = 0x100 | 0x400 | 0x4000 | 0x40000,
    INSTRUCTION_SIZE = 2,
};

/* Weak, or every image would hold it. */
#pragma weak atman_syscall

/* Signals that came meanwhile make an upcall the moment that the program goes on. */
static _Noreturn void go_on(const struct frame *f) {
    struct thread *t = thread_current();

    if (!scheduler) { /* events are never on */
        t->raw = NULL;
        frame_load(f);
    }
    events_off();
    t->raw = NULL;
    if (__atomic_load_n(&t->signals.ready, __ATOMIC_SEQ_CST))
        line_want_upcall();
    switch_load_frame(f);
}

static _Noreturn void perform(struct raw_call *call) {
    struct frame *f = &call->frame;
    long number = (long)f->rax, result;

    call->repeats = false;
    if (number == SYS_clone)
        result = clone_frame(f);
    else
        result = atman_syscall(number, (long)f->rdi, (long)f->rsi, (long)f->rdx,
                               (long)f->r10, (long)f->r8, (long)f->r9);
    if (result == -EINTR && call->repeats)
        f->rip -= INSTRUCTION_SIZE;
    else
        f->rax = (unsigned long)result;
    go_on(f);
}

/*
 * Where a call with that frame is made: the thread's stack for it or, without memory for
 * one, the program's, so that a program can still end.
 */
static struct raw_call *choose_place(struct thread *t, const struct frame *f) {
    unsigned long end;

    if (!t->raw_stack)
        t->raw_stack = space_make_own_stack(THREAD_RAW_STACK);
    end = t->raw_stack ? t->raw_stack + THREAD_RAW_STACK : f->rsp - FRAME_RED_ZONE;
    return (struct raw_call *)(ROUND_DOWN(end - sizeof(struct raw_call), 16) - 8);
}

/* As the instruction leaves them, but for rax. */
static long save(struct raw_call *call, const struct frame *f) {
    struct frame after = *f;

    after.rflags |= FRAME_IF; /* also if it is the call that makes a scheduler */
    after.rcx = f->rip;
    after.r11 = after.rflags;
    after.cs = FRAME_CS;
    long error = user_write(&call->caller, &f->rip, sizeof f->rip);
    return error ? error : user_write(&call->frame, &after, sizeof after);
}

void atman_raw_syscall(struct frame *f, unsigned vector) {
    struct thread *t = thread_current();

    (void)vector;
    if (f->rax == SYS_rt_sigreturn) {
        signal_return(f);
        return;
    }
    struct raw_call *call = choose_place(t, f);
    if (save(call, f)) {
        f->rax = (unsigned long)-ENOMEM;
        return;
    }
    t->raw = call;
    f->rflags &= ~(unsigned long)FLAGS_CLEARED;
    f->rip = (unsigned long)perform;
    f->rdi = (unsigned long)call;
    f->rsp = (unsigned long)call; /* as after a call */
}
