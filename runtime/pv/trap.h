/* SPDX-License-Identifier: MIT */
/* Processor traps: what is saved of the thread that caused one. */
#ifndef ATMAN_PV_TRAP_H
#define ATMAN_PV_TRAP_H

#include "base.h"

/* As pv/trap.S pushes it. cs also holds Xen's saved event mask in its upper half. */
struct trap_frame {
    unsigned long r15, r14, r13, r12, r11, r10, r9, r8;
    unsigned long rbp, rdi, rsi, rdx, rcx, rbx, rax;
    unsigned long vector, error;
    unsigned long rip, cs, rflags, rsp, ss;
};

enum trap_vector {
    TRAP_DIVIDE = 0,
    TRAP_DEBUG = 1,
    TRAP_BREAKPOINT = 3,
    TRAP_INVALID_OPCODE = 6,
    TRAP_GENERAL_PROTECTION = 13,
    TRAP_PAGE_FAULT = 14,
    TRAP_X87 = 16,
    TRAP_ALIGNMENT = 17,
    TRAP_SSE = 19,
};

/* Bits of a page fault's error code (Intel SDM volume 3, 4.7). */
enum {
    FAULT_PRESENT = 1 << 0,
    FAULT_WRITE = 1 << 1,
    FAULT_EXECUTE = 1 << 4,
};

/* From now on traps are the runtime's. */
void trap_init(void);

/* The address that the last page fault was about. */
unsigned long trap_fault_address(void);

#endif
