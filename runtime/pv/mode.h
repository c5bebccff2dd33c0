/* SPDX-License-Identifier: MIT */
/* The two modes of a vCPU: the kernel entries' and, with the same page tables, user mode.
 */
#ifndef ATMAN_PV_MODE_H
#define ATMAN_PV_MODE_H

#include "base.h"

/* Points %gs at the line of the first vCPU: before anything that uses pv/line.h. */
void mode_init_line(void);

/*
 * Makes user mode possible on the first vCPU: its page tables, the kernel stack's end, the
 * entry of `syscall`, and the processor's features that a program expects (AVX state, %fs
 * written by an instruction).
 */
void mode_init(unsigned long kernel_sp);

/* The processor lets a program set %fs and %gs by itself (CR4.FSGSBASE). */
extern bool mode_has_fsgsbase;

#endif
