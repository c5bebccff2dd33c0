/* SPDX-License-Identifier: MIT */
/*
 * What a processor trap is to a program: memory that is mapped on demand, a failed access
 * by the runtime on its behalf, or a signal; and words for a signal that ends it.
 */
#include "signal/fault.h"

#include <signal.h>

#include "base/format.h"
#include "init/shutdown.h"
#include "log/log.h"
#include "mm/space.h"
#include "pv/access.h"
#include "pv/pagetable.h"
#include "pv/trap.h"
#include "sched/thread.h"
#include "signal/report.h"

static const char *describe_access(unsigned long error) {
    return error & FAULT_EXECUTE ? "executing"
           : error & FAULT_WRITE ? "writing"
                                 : "reading";
}

static const char *describe_place(unsigned long address, unsigned long error, int code) {
    if (address < 0x10000)
        return "a null pointer";
    if (address >> 47)
        return "the hypervisor's memory";
    if (pt_get(address) & PTE_KEPT && !(pt_get(address) & PTE_PRESENT))
        return "memory without access rights";
    if (code == SEGV_MAPERR)
        return "nothing is mapped there";
    if (!(error & (FAULT_PRESENT | FAULT_WRITE | FAULT_EXECUTE)))
        return "memory without access rights";
    if (error & FAULT_EXECUTE)
        return "data, not code";
    if (address >= (unsigned long)atman_text_start &&
        address < (unsigned long)atman_text_end)
        return "code";
    return "read-only data";
}

static void describe(const struct fault *fault, const struct frame *f, char *text,
                     size_t size) {
    switch (fault->vector) {
    case TRAP_PAGE_FAULT:
        format(text, size, "page fault %s 0x%lx: %s", describe_access(f->error),
               fault->address,
               fault->signal == SIGBUS
                   ? "there is no page for it"
                   : describe_place(fault->address, f->error, fault->code));
        break;
    case TRAP_DIVIDE:
        format(text, size, "integer division by zero or overflow");
        break;
    case TRAP_X87:
    case TRAP_SSE:
        format(text, size, "floating-point exception");
        break;
    case TRAP_INVALID_OPCODE:
        format(text, size, "invalid instruction");
        break;
    case TRAP_DEBUG:
    case TRAP_BREAKPOINT:
        format(text, size, "breakpoint");
        break;
    case TRAP_ALIGNMENT:
        format(text, size, "unaligned access");
        break;
    case TRAP_GENERAL_PROTECTION:
        format(text, size,
               "general protection fault, error code 0x%lx: a privileged "
               "instruction or an impossible address",
               f->error);
        break;
    default:
        format(text, size, "trap %u, error code 0x%lx", fault->vector, f->error);
    }
}

void fault_die(const struct fault *fault, const struct frame *f) {
    static bool again;
    char text[160];

    if (again) /* the report itself failed: its beginning is out, and no more can be said */
        shutdown_by_signal(SIGSEGV);
    again = true;
    describe(fault, f, text, sizeof text);
    report_trap(text, fault->signal, f);
    shutdown_by_signal(fault->signal);
}

/* Linux's codes for what the processor says. */
static void classify(struct fault *fault) {
    static const struct {
        uint8_t vector, signal, code;
    } kinds[] = {
        {TRAP_DIVIDE, SIGFPE, FPE_INTDIV},
        {TRAP_DEBUG, SIGTRAP, TRAP_TRACE},
        {TRAP_BREAKPOINT, SIGTRAP, SI_KERNEL},
        {TRAP_INVALID_OPCODE, SIGILL, ILL_ILLOPN},
        {TRAP_STACK, SIGBUS, SI_KERNEL},
        {TRAP_X87, SIGFPE, 0}, /* which exception: whoever delivers it looks */
        {TRAP_ALIGNMENT, SIGBUS, BUS_ADRALN},
        {TRAP_SSE, SIGFPE, 0},
    };

    fault->signal = SIGSEGV;
    fault->code = SI_KERNEL;
    for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++)
        if (kinds[i].vector == fault->vector) {
            fault->signal = kinds[i].signal;
            fault->code = kinds[i].code;
        }
}

bool (*fault_deliver)(struct frame *f, const struct fault *fault);
void (*fault_wait)(struct frame *f);

/* The fault is one of a thread that can wait: not of an idle one, nor under a lock. */
static unsigned urgency(const struct frame *f) {
    bool waits = fault_wait && frame_is_user(f) && f->rflags & FRAME_IF &&
                 thread_current()->rank >= 0;

    return waits ? 0 : FAULT_URGENT;
}

void fault_handle(struct frame *f, unsigned vector) {
    struct fault fault = {.vector = vector, .address = f->rip};

    if (vector == TRAP_PAGE_FAULT) {
        fault.address = trap_fault_address();
        fault.signal =
            space_fault(fault.address, (unsigned)f->error | urgency(f), &fault.code);
        if (!fault.signal)
            return;
        if (fault.signal == SPACE_WAIT) {
            fault_wait(f);
            return;
        }
        if (fault.signal == SIGBUS && fault.code == SPACE_MISSED)
            thread_current()->missed = fault.address;
        else if (fault.signal == SIGBUS && fault.code == BUS_OBJERR)
            fault.code = BUS_ADRERR; /* beyond the end of what is mapped there */
        else if (fault.signal == SIGBUS)
            log_error("no memory is left for the page at 0x%lx (SIGBUS)", fault.address);
    } else {
        classify(&fault);
    }
    if (access_fix(&f->rip))
        return;
    if (!fault_deliver || !frame_is_user(f) || !fault_deliver(f, &fault))
        fault_die(&fault, f);
}
