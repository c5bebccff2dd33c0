/* SPDX-License-Identifier: MIT */
/*
 * `syscall` instructions of the program's own. The kernel entry cannot carry a call out,
 * for it may block; so the registers are put on the program's stack, behind the red zone,
 * and the call is made in user mode, like any other, before it goes on from there.
 *
 * It is in an image if the dispatcher is (sys/dispatch.c), which refers to it.
 */
#include <sys/syscall.h>

#include "pv/access.h"
#include "pv/trap.h"
#include "signal/signal.h"
#include "sys/calls.h"

/* Of rflags, as Linux does it: trap, direction, nested task, alignment check. */
enum { FLAGS_CLEARED = 0x100 | 0x400 | 0x4000 | 0x40000 };

/* Weak, or every image would hold it. */
#pragma weak atman_syscall

static _Noreturn void perform(struct frame *f) {
    long number = (long)f->rax;

    f->rax = (unsigned long)(number == SYS_clone
                                 ? clone_frame(f)
                                 : atman_syscall(number, (long)f->rdi, (long)f->rsi,
                                                 (long)f->rdx, (long)f->r10, (long)f->r8,
                                                 (long)f->r9));
    frame_load(f);
}

void atman_raw_syscall(struct frame *f, unsigned vector) {
    struct frame *saved =
        (struct frame *)ROUND_DOWN(f->rsp - FRAME_RED_ZONE - sizeof *saved, 16);

    (void)vector;
    if (f->rax == SYS_rt_sigreturn) {
        signal_return(f);
        return;
    }
    f->rcx = f->rip; /* as the instruction does */
    f->r11 = f->rflags;
    f->cs = FRAME_CS;
    if (user_write(saved, f, sizeof *f)) {
        trap_handlers.fault(f, TRAP_STACK);
        return;
    }
    f->rflags &= ~(unsigned long)FLAGS_CLEARED;
    f->rip = (unsigned long)perform;
    f->rdi = (unsigned long)saved;
    f->rsp = (unsigned long)saved - 8; /* as after a call */
}
