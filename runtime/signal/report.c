/* SPDX-License-Identifier: MIT */
/*
 * Crash reports. Nothing here trusts the program's state: the chain of frame pointers is
 * followed only through pages that are mapped, and upward but for one time: a raw call's
 * stack may be above the program's.
 */
#include "signal/report.h"

#include "base/panic.h"
#include "init/shutdown.h"
#include "log/log.h"
#include "pv/pagetable.h"
#include "sched/hooks.h"
#include <signal.h>

enum { FRAMES = 64 };

const char *report_signal_name(int signal) {
    static const char names[][8] = {
        [SIGHUP] = "HUP",   [SIGINT] = "INT",       [SIGQUIT] = "QUIT",
        [SIGILL] = "ILL",   [SIGTRAP] = "TRAP",     [SIGABRT] = "ABRT",
        [SIGBUS] = "BUS",   [SIGFPE] = "FPE",       [SIGKILL] = "KILL",
        [SIGUSR1] = "USR1", [SIGSEGV] = "SEGV",     [SIGUSR2] = "USR2",
        [SIGPIPE] = "PIPE", [SIGALRM] = "ALRM",     [SIGTERM] = "TERM",
        [SIGXCPU] = "XCPU", [SIGSTKFLT] = "STKFLT", [SIGXFSZ] = "XFSZ",
        [SIGPROF] = "PROF", [SIGVTALRM] = "VTALRM", [SIGPOLL] = "POLL",
        [SIGPWR] = "PWR",   [SIGSYS] = "SYS",
    };

    return signal < (int)ARRAY_SIZE(names) ? names[signal] : "RT";
}

static bool is_readable(unsigned long address) {
    return !(address & 7) && pt_get(address) & PTE_PRESENT;
}

/* caller is known without a frame, or 0. */
static void print_calls(unsigned long rip, unsigned long caller, unsigned long rbp) {
    unsigned n = 0, down = 0;

    log_error("backtrace:");
    log_error("  #%u 0x%016lx", n++, rip);
    if (caller)
        log_error("  #%u 0x%016lx", n++, caller);
    for (; n < FRAMES && is_readable(rbp) && is_readable(rbp + 8); n++) {
        const unsigned long *frame = (const unsigned long *)rbp;
        if (!frame[1])
            break;
        log_error("  #%u 0x%016lx", n, frame[1]);
        if (frame[0] <= rbp && down++)
            break;
        rbp = frame[0];
    }
}

static void print_thread(const char *who, unsigned long rip, unsigned long rbp) {
    log_error("%s", who);
    if (rip)
        print_calls(rip, 0, rbp);
}

static void print_others(void) {
    if (scheduler)
        scheduler->census(print_thread);
    log_error("end of report");
}

/* A call to where no code is has pushed its return address, but made no frame. */
static unsigned long find_caller(const struct frame *f) {
    bool is_code =
        f->rip >= (unsigned long)atman_text_start && f->rip < (unsigned long)atman_text_end;

    return !is_code && is_readable(f->rsp) ? *(const unsigned long *)f->rsp : 0;
}

void report_trap(const char *what, int signal, const struct frame *f) {
    log_error("fatal: %s (SIG%s)", what, report_signal_name(signal));
    log_error("  rip 0x%016lx  rsp 0x%016lx  rbp 0x%016lx", f->rip, f->rsp, f->rbp);
    log_error("  rax 0x%016lx  rbx 0x%016lx  rcx 0x%016lx", f->rax, f->rbx, f->rcx);
    log_error("  rdx 0x%016lx  rsi 0x%016lx  rdi 0x%016lx", f->rdx, f->rsi, f->rdi);
    log_error("  r8  0x%016lx  r9  0x%016lx  r10 0x%016lx", f->r8, f->r9, f->r10);
    log_error("  r11 0x%016lx  r12 0x%016lx  r13 0x%016lx", f->r11, f->r12, f->r13);
    log_error("  r14 0x%016lx  r15 0x%016lx  rflags 0x%lx", f->r14, f->r15, f->rflags);
    print_calls(f->rip, find_caller(f), f->rbp);
    print_others();
}

void report_call(const char *what, int signal) {
    const unsigned long *frame = __builtin_frame_address(0);

    log_error("fatal: %s (SIG%s)", what, report_signal_name(signal));
    print_calls(frame[1], 0, frame[0]);
    print_others();
}

void panic(const char *what) {
    static bool again;

    if (!again) {
        again = true;
        report_call(what, SIGABRT);
    }
    shutdown_rescue = NULL; /* nothing is sure any more */
    shutdown_by_signal(SIGABRT);
}
