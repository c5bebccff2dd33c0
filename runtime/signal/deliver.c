/* SPDX-License-Identifier: MIT */
/* From a pending signal, or a trap, to a handler's call or the program's end. */
#include <signal.h>

#include "init/shutdown.h"
#include "pv/access.h"
#include "signal/fault.h"
#include "signal/internal.h"
#include "signal/report.h"

static const char no_stack[] = "no stack for the handler of a signal";

static _Noreturn void die(const char *what, int signal, const struct frame *f) {
    report_trap(what, signal, f);
    shutdown_by_signal(signal);
}

/* In user mode with events on, where nothing is held. */
static bool may_look(const struct frame *f) {
    return frame_is_user(f) && f->rflags & FRAME_IF;
}

static bool may_call(const struct frame *f) {
    const struct thread *t = thread_current();

    return may_look(f) && !t->raw && !t->signals.held;
}

static bool is_handled(const struct signal_action *action) {
    return action->handler != SIG_DFL && action->handler != SIG_IGN;
}

/* The signal's action, which is about to be used. Under the lock. */
static struct signal_action use_action(int signal) {
    struct signal_action action = signal_actions[signal];

    if (action.flags & (unsigned)SA_RESETHAND && is_handled(&action))
        signal_actions[signal].handler = SIG_DFL;
    return action;
}

/* The next one that is let in, with its action; false if there is none. */
static bool take_ready(struct signal_info *info, struct signal_action *action) {
    struct thread *t = thread_current();
    const struct deferred_signal *deferred = t->signals.deferred;

    if (deferred) {
        *info = deferred->info;
        *action = deferred->action;
        t->signals.deferred = NULL;
        return true;
    }
    lock_take(&signal_lock);
    int signal = signal_take(t, ~t->signals.blocked, info);
    if (signal)
        *action = use_action(signal);
    else
        __atomic_store_n(&t->signals.ready, false, __ATOMIC_SEQ_CST);
    lock_drop(&signal_lock);
    return signal;
}

/* What waits learns what interrupts it: what it asked for is decided by the first one. */
static void note(enum handled outcome) {
    struct thread_signals *s = &thread_current()->signals;

    if (s->outcome)
        user_write((void *)s->outcome, &outcome, sizeof outcome);
    s->outcome = NULL;
}

static void note_outcome(const struct signal_action *action) {
    note(action->flags & SA_RESTART ? HANDLED_RESTART : HANDLED_BREAK);
}

static bool force(struct frame *f, struct signal_info *info, const struct fault *fault);

/* Linux: a signal whose handler has no stack is lost, and there is SIGSEGV instead. */
static void fail(struct frame *f, int signal, const char *what) {
    struct signal_info info = {.signal = SIGSEGV, .code = SI_KERNEL};

    if (signal == SIGSEGV || !force(f, &info, NULL))
        die(what, SIGSEGV, f);
}

/* A trap's signal, which cannot wait: false if it is blocked or cannot be handled. */
static bool force(struct frame *f, struct signal_info *info, const struct fault *fault) {
    lock_take(&signal_lock);
    struct signal_action action = use_action(info->signal);
    lock_drop(&signal_lock);
    if (thread_current()->signals.blocked & signal_bit(info->signal) ||
        !is_handled(&action))
        return false;
    note_outcome(&action);
    if (!signal_enter(f, info, &action, fault))
        return true;
    if (info->signal == SIGSEGV)
        return false;
    fail(f, info->signal, no_stack);
    return true;
}

static void act(struct frame *f, const struct signal_info *info,
                const struct signal_action *action) {
    int signal = info->signal;

    if (is_handled(action)) {
        if (!(action->flags & SA_RESTART))
            thread_current()->signals.breaks++;
        note_outcome(action);
        if (signal_enter(f, info, action, NULL))
            fail(f, signal, no_stack);
    } else if (action->handler == SIG_IGN || signal_is_ignored_by_default(signal)) {
        return;
    } else if (signal_is_stop(signal)) {
        signal_note_stop(signal);
    } else {
        if (signal == SIGINT && info->code == SI_KERNEL) /* a key: no more to be said */
            shutdown_by_signal(signal);
        die(signal_describe_end(signal), signal, f);
    }
}

/*
 * The thread is in a raw call, which a handler is not to interrupt. If it has waited it
 * learns of one that waits for its end. One that would wait on nevertheless (SA_RESTART)
 * is told the next time to leave, and made again after the handler.
 */
static void defer(struct frame *f, struct raw_call *raw) {
    struct thread_signals *s = &thread_current()->signals;
    struct signal_info info;
    struct signal_action action;

    if (s->deferred && s->outcome) {
        raw->repeats = true;
        note(HANDLED_LEAVE);
    }
    while (s->outcome && __atomic_load_n(&s->ready, __ATOMIC_SEQ_CST) &&
           take_ready(&info, &action)) {
        if (!is_handled(&action)) {
            act(f, &info, &action);
            continue;
        }
        raw->deferred = (struct deferred_signal){info, action};
        s->deferred = &raw->deferred;
        __atomic_store_n(&s->ready, true, __ATOMIC_SEQ_CST);
        note_outcome(&action);
    }
}

void signal_return(struct frame *f) {
    if (signal_leave(f))
        fail(f, 0, "the frame of a signal handler is gone");
}

void signal_deliver(struct frame *f) {
    const struct thread *t = thread_current();
    struct signal_action action;
    struct signal_info info;

    if (f->rip == (unsigned long)signal_restorer_trap && may_call(f))
        signal_return(f);
    if (t->raw && may_look(f))
        defer(f, t->raw);
    while (__atomic_load_n(&t->signals.ready, __ATOMIC_SEQ_CST) && may_call(f) &&
           take_ready(&info, &action))
        act(f, &info, &action);
}

/* Which exception: of those that are flagged, one that is not masked (Intel SDM volume 1,
 * 8.1.3 and 10.2.3; the order is Linux's). */
static int floating_point_code(unsigned vector) {
    uint32_t mxcsr, flags;
    uint16_t status, control;

    if (vector == TRAP_SSE) {
        __asm__ __volatile__("stmxcsr %0" : "=m"(mxcsr));
        flags = mxcsr & ~(mxcsr >> 7);
    } else {
        __asm__ __volatile__("fnstsw %0\n\tfnstcw %1" : "=m"(status), "=m"(control));
        flags = status & ~(uint32_t)control;
    }
    return flags & 0x01   ? FPE_FLTINV
           : flags & 0x04 ? FPE_FLTDIV
           : flags & 0x08 ? FPE_FLTOVF
           : flags & 0x12 ? FPE_FLTUND
           : flags & 0x20 ? FPE_FLTRES
                          : 0;
}

bool signal_deliver_fault(struct frame *f, const struct fault *fault) {
    struct signal_info info = {.signal = fault->signal, .code = fault->code};

    if (!may_call(f))
        return false;
    if (fault->vector == TRAP_X87 || fault->vector == TRAP_SSE)
        info.code = floating_point_code(fault->vector);
    if (info.code != SI_KERNEL)
        info.address = fault->address;
    return force(f, &info, fault);
}
