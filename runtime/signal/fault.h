/* SPDX-License-Identifier: MIT */
/* Processor traps other than the runtime's own: what each means to the program. */
#ifndef ATMAN_SIGNAL_FAULT_H
#define ATMAN_SIGNAL_FAULT_H

#include "pv/trap.h"

/* What a trap is as a signal (siginfo_t's si_signo, si_code, si_addr). */
struct fault {
    unsigned vector; /* TRAP_* */
    int signal, code;
    unsigned long address;
};

/* A trap's handling, for pv/trap.h: returns with *f set to where the thread goes on. */
void fault_handle(struct frame *f, unsigned vector);

/*
 * Delivers the signal of a fault in user mode by changing *f, and returns true; false if
 * it ends the program. NULL as long as the program has set no handler: every fault is
 * fatal.
 */
extern bool (*fault_deliver)(struct frame *f, const struct fault *fault);

/*
 * After a fault that is SPACE_WAIT: the thread sleeps until its access can be tried again.
 * Returns with *f as fault_handle does. NULL as long as there is nothing to wait for.
 */
extern void (*fault_wait)(struct frame *f);

/* Reports the fault and ends the domain. */
_Noreturn void fault_die(const struct fault *fault, const struct frame *f);

#endif
