/* SPDX-License-Identifier: MIT */
/* The two modes of a vCPU: the kernel entries' and, with the same page tables, user mode.
 */
#ifndef ATMAN_PV_MODE_H
#define ATMAN_PV_MODE_H

#include "base.h"

struct thread;

/*
 * Points %gs at the line of the first vCPU, with thread on it: before anything that uses
 * pv/line.h.
 */
void mode_init_line(struct thread *thread);

/*
 * Makes user mode possible on the first vCPU: its page tables, the kernel stack's end, the
 * entry of `syscall`, and the processor's features that a program expects (AVX state, %fs
 * written by an instruction).
 */
void mode_init(unsigned long kernel_sp);

/* Where mode_start_vcpu lets a vCPU begin. */
_Noreturn void mode_begin(void (*begin)(void));

/* Events are delivered from now on where they are not masked, on this vCPU. */
void mode_enable_upcalls(void);

/*
 * Starts another vCPU: begin is called there in kernel mode with events masked on the stack
 * that ends at kernel_sp. Its line has been filled in. False: Xen refuses.
 */
bool mode_start_vcpu(unsigned index, unsigned long kernel_sp, void (*begin)(void));

/* From begin to user mode, where switch_to stored load (pv/switch.h). */
_Noreturn void mode_enter(unsigned long load);

/* The %fs base, which was set to known if the program could not do that by itself. */
unsigned long mode_get_fs(unsigned long known);
void mode_set_fs(unsigned long base);

/* Changes the %fs base with the thread: stores what it was and sets next. Events are
 * masked. */
void mode_switch_fs(unsigned long *last, unsigned long next);

/* The processor lets a program set %fs and %gs by itself (CR4.FSGSBASE). */
extern bool mode_has_fsgsbase;

#endif
