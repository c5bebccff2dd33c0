/* SPDX-License-Identifier: MIT */
/* Changing over from one thread to another (pv/switch.S), and their floating-point state.
 */
#ifndef ATMAN_PV_SWITCH_H
#define ATMAN_PV_SWITCH_H

#include "pv/frame.h"

/* What switch_to leaves on a stack, from the saved stack pointer up. */
struct switch_stack {
    uint32_t mxcsr;
    uint16_t x87_control, unused;
    unsigned long r15, r14, r13, r12, rbx, rbp;
    unsigned long rip;
};

enum { MXCSR_DEFAULT = 0x1f80, X87_CONTROL_DEFAULT = 0x37f };

/* Stores the stack pointer at save and goes on where load was stored. Events are masked. */
void switch_to(unsigned long *save, unsigned long load);

/* Where a preempted thread goes on: calls schedule_resume, then loads the thread's frame.
 */
void switch_resume(void);

/* As frame_load, with events off once; they are on again in the same step. */
_Noreturn void switch_load_frame(const struct frame *f);

/* Makes *f, in a kernel entry, go on in user mode where load was stored, events masked. */
void switch_from_entry(struct frame *f, unsigned long load);

/*
 * The interrupted code is the end of switch_resume: makes *f what that was about to load.
 */
void switch_fix(struct frame *f);

/* Bytes of an area for floating-point and vector state, which is aligned to 64. */
size_t fpu_size(void);

/* Makes area the state of a fresh process, but with this thread's control words. */
void fpu_init(void *area);

/* What is in the registers, to and from area. */
void fpu_save(void *area);
void fpu_load(const void *area);

/* The x87 registers as they are in a function call: empty, and no exception is pending. */
static inline void fpu_empty(void) {
    __asm__ __volatile__("fninit");
}

/* Makes area the state of a fresh process. */
void fpu_clear(void *area);

/*
 * What is saved in area, as a signal handler sees it (Linux's struct _fpstate and what is
 * behind it): its size; to the program's memory; and back, made fit for fpu_load. -EFAULT.
 */
size_t fpu_frame_size(void);
long fpu_write_frame(void *to, void *area);
long fpu_read_frame(void *area, const void *from);

#endif
