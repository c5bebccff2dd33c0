/* SPDX-License-Identifier: MIT */
/* The part of changing threads that is done in a kernel entry. */
#include "pv/switch.h"

extern const char switch_load[], switch_window[], switch_window_end[];

/*
 * The thread that goes on there is in a function call, at which the x87 stack is empty; the
 * interrupted one's is not, perhaps, nor its exceptions, of which fldcw would be one.
 */
void switch_from_entry(struct frame *f, unsigned long load) {
    fpu_empty();
    f->rip = (unsigned long)switch_load;
    f->rsi = load;
    f->rsp = load;
    f->cs = FRAME_CS;
    f->ss = FRAME_SS;
    f->rflags = 2; /* without FRAME_IF */
}

void switch_fix(struct frame *f) {
    const unsigned long *next = (const unsigned long *)f->rsp;

    if (f->rip < (unsigned long)switch_window || f->rip > (unsigned long)switch_window_end)
        return;
    f->rip = next[0];
    f->cs = next[1];
    f->rflags = next[2];
    f->rsp = next[3];
    f->ss = next[4];
}
