/* SPDX-License-Identifier: MIT */
/*
 * What a processor trap is to a program: a signal and words for it. Every trap is fatal;
 * a program's own handlers for them come with the threads.
 */
#include <signal.h>

#include "base/format.h"
#include "base/panic.h"
#include "init/shutdown.h"
#include "pv/pagetable.h"
#include "pv/trap.h"
#include "signal/report.h"

static const char *describe_access(unsigned long error) {
    return error & FAULT_EXECUTE ? "executing"
           : error & FAULT_WRITE ? "writing"
                                 : "reading";
}

static const char *describe_place(unsigned long address, unsigned long error) {
    if (address < 0x10000)
        return "a null pointer";
    if (address >> 47)
        return "the hypervisor's memory";
    if (pt_get(address) & PTE_KEPT && !(pt_get(address) & PTE_PRESENT))
        return "memory without access rights";
    if (!(error & FAULT_PRESENT))
        return "nothing is mapped there";
    if (error & FAULT_EXECUTE)
        return "data, not code";
    if (address >= (unsigned long)atman_text_start &&
        address < (unsigned long)atman_text_end)
        return "code";
    return "read-only data";
}

static int describe(const struct trap_frame *frame, char *text, size_t size) {
    unsigned long address;

    switch (frame->vector) {
    case TRAP_PAGE_FAULT:
        address = trap_fault_address();
        format(text, size, "page fault %s 0x%lx: %s", describe_access(frame->error),
               address, describe_place(address, frame->error));
        return SIGSEGV;
    case TRAP_DIVIDE:
        format(text, size, "integer division by zero or overflow");
        return SIGFPE;
    case TRAP_X87:
    case TRAP_SSE:
        format(text, size, "floating-point exception");
        return SIGFPE;
    case TRAP_INVALID_OPCODE:
        format(text, size, "invalid instruction");
        return SIGILL;
    case TRAP_DEBUG:
    case TRAP_BREAKPOINT:
        format(text, size, "breakpoint");
        return SIGTRAP;
    case TRAP_ALIGNMENT:
        format(text, size, "unaligned access");
        return SIGBUS;
    case TRAP_GENERAL_PROTECTION:
        format(text, size,
               "general protection fault, error code 0x%lx: a privileged "
               "instruction or an impossible address",
               frame->error);
        return SIGSEGV;
    default:
        format(text, size, "trap %lu, error code 0x%lx", frame->vector, frame->error);
        return SIGSEGV;
    }
}

/* Called by pv/trap.S on the runtime's stack. */
_Noreturn void trap_handle(const struct trap_frame *frame);

_Noreturn void trap_handle(const struct trap_frame *frame) {
    static bool again;
    char text[160];

    if (again) /* the report itself failed: its beginning is out, and no more can be said */
        shutdown_by_signal(SIGSEGV);
    again = true;
    int signal = describe(frame, text, sizeof text);
    report_trap(text, signal, frame);
    shutdown_by_signal(signal);
}
