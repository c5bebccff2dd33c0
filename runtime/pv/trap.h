/* SPDX-License-Identifier: MIT */
/* Processor traps: their numbers, and how they are told apart. */
#ifndef ATMAN_PV_TRAP_H
#define ATMAN_PV_TRAP_H

#include "pv/frame.h"
#include "pv/line.h"

/*
 * TRAP_EVENTS is 128 because Xen passes that one on directly; for others it reads the error
 * code of a general protection fault, in which QEMU's emulation gives a wrong number.
 */
enum trap_vector {
    TRAP_DIVIDE = 0,
    TRAP_DEBUG = 1,
    TRAP_BREAKPOINT = 3,
    TRAP_OVERFLOW = 4,
    TRAP_BOUND = 5,
    TRAP_INVALID_OPCODE = 6,
    TRAP_STACK = 12,
    TRAP_GENERAL_PROTECTION = 13,
    TRAP_PAGE_FAULT = 14,
    TRAP_X87 = 16,
    TRAP_ALIGNMENT = 17,
    TRAP_SSE = 19,
    TRAP_EVENTS = 128,  /* raised by the runtime: events came while they were masked */
    TRAP_SYSCALL = 256, /* not the processor's: a `syscall` in the program */
    TRAP_UPCALL = 257,  /* nor this: events */
};

/* Bits of a page fault's error code (Intel SDM volume 3, 4.7). */
enum {
    FAULT_PRESENT = 1 << 0,
    FAULT_WRITE = 1 << 1,
    FAULT_EXECUTE = 1 << 4,
    FAULT_URGENT = 1 << 30, /* not the processor's: it cannot be waited for anything */
};

/*
 * Who handles what enters the runtime: called in guest kernel mode with events masked. May
 * change *f, which is where it goes on afterwards.
 */
typedef void trap_handler(struct frame *f, unsigned vector);

struct trap_handlers {
    trap_handler *fault;   /* the processor's traps */
    trap_handler *upcall;  /* events; NULL as long as they stay masked */
    trap_handler *syscall; /* the program's `syscall` instructions; NULL: refused */
};

extern struct trap_handlers trap_handlers;

/* From now on traps are the runtime's; for the vCPU that calls it. */
void trap_init(void);

/*
 * The address that this vCPU's last page fault was about. To be read before anything else
 * can fault.
 */
static inline unsigned long trap_fault_address(void) {
    return *(const volatile unsigned long
             __attribute__((address_space(256))) *)GS_FAULT_ADDRESS;
}

#endif
