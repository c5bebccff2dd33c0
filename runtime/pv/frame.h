/* SPDX-License-Identifier: MIT */
/*
 * The registers of interrupted code, as pv/entry.S keeps them. The last nine words are what
 * Xen's iret hypercall takes (xen/include/public/arch-x86/xen-x86_64.h, struct
 * iret_context), the last five what the processor's own iretq takes.
 */
#ifndef ATMAN_PV_FRAME_H
#define ATMAN_PV_FRAME_H

#include "base.h"

struct frame {
    unsigned long r15, r14, r13, r12, rbp, rbx, r10, r9, r8, rdi, rsi, rdx;
    unsigned long rax, r11, rcx;
    unsigned long error; /* of the trap, 0 if it has none; Xen's flags on the way back */
    unsigned long rip;
    unsigned long cs; /* Xen's saved event mask is in the upper half */
    unsigned long rflags, rsp, ss;
};

/* Selectors of code and data in user mode, which here means: the program and most of us. */
#define FRAME_CS 0xe033ul
#define FRAME_SS 0xe02bul

#define FRAME_IF 0x200ul     /* of rflags: events are not masked */
#define FRAME_RED_ZONE 128ul /* bytes below rsp that are the program's (psABI, 3.2.2) */

/* Go on from a frame, never to return: in user mode, and from kernel mode to user mode. */
_Noreturn void frame_load(const struct frame *f);
_Noreturn void entry_load(const struct frame *f);

/* Did the entry interrupt user mode, or the kernel entries themselves? */
static inline bool frame_is_user(const struct frame *f) {
    return f->cs & 3;
}

#endif
