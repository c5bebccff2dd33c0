/* SPDX-License-Identifier: MIT */
/* Registers the entry points with Xen and sends what arrives to its handler. */
#include "pv/trap.h"

#include "base/panic.h"
#include "xen/hypercall.h"

extern const struct trap_info trap_table[];

struct trap_handlers trap_handlers;

void trap_init(void) {
    xen_set_trap_table(trap_table);
}

/* Called by pv/entry.S. */
void trap_handle(struct frame *f, unsigned vector);

void trap_handle(struct frame *f, unsigned vector) {
    if (vector < TRAP_EVENTS)
        trap_handlers.fault(f, vector);
    else if (vector == TRAP_SYSCALL && trap_handlers.syscall)
        trap_handlers.syscall(f, vector);
    else if (vector != TRAP_SYSCALL && trap_handlers.upcall)
        trap_handlers.upcall(f, vector);
    else if (vector == TRAP_SYSCALL)
        panic("a system call instruction, but no handlers for it are linked");
}
