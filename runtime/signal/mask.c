/* SPDX-License-Identifier: MIT */
/*
 * Masks, and what happens to signals as long as there is nothing else: raise() and abort()
 * act by default, or wait for the mask.
 */
#include <errno.h>
#include <signal.h>

#include "init/shutdown.h"
#include "log/log.h"
#include "sched/thread.h"
#include "signal/internal.h"
#include "signal/report.h"

struct lock signal_lock = LOCK_INIT(LOCK_SIGNAL);

bool signal_is_ignored_by_default(int signal) {
    return signal == SIGCHLD || signal == SIGCONT || signal == SIGURG || signal == SIGWINCH;
}

bool signal_is_stop(int signal) {
    return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

const char *signal_describe_end(int signal) {
    return signal == SIGABRT ? "the program aborted" : "a signal that nothing handles";
}

void signal_note_stop(int signal) {
    log_warn("signal %d would stop the program, which nobody could continue; ignored",
             signal);
}

/* Nobody could continue a stopped domain from within, so a stop is not made. */
static void act_by_default(int signal) {
    if (signal_is_ignored_by_default(signal))
        return;
    if (signal_is_stop(signal)) {
        signal_note_stop(signal);
        return;
    }
    report_call(signal_describe_end(signal), signal);
    shutdown_by_signal(signal);
}

/* The pending ones that the mask lets through; there are no handlers. */
static void act_on_pending(struct thread_signals *s) {
    uint64_t now;

    while ((now = s->pending.set & ~s->blocked)) {
        int signal = signal_first_of(now);
        s->pending.set &= ~signal_bit(signal);
        act_by_default(signal);
    }
}

void signal_set_mask(uint64_t mask) {
    struct thread_signals *s = &thread_current()->signals;

    mask &= ~(signal_bit(SIGKILL) | signal_bit(SIGSTOP));
    __atomic_store_n(&s->blocked, mask, __ATOMIC_SEQ_CST);
    if (signals)
        signals->mask_changed();
    else
        act_on_pending(s);
}

long signal_change_mask(int how, const uint64_t *set, uint64_t *old) {
    uint64_t mask = thread_current()->signals.blocked;

    if (old)
        *old = mask;
    if (!set)
        return 0;
    if (how == SIG_BLOCK)
        mask |= *set;
    else if (how == SIG_UNBLOCK)
        mask &= ~*set;
    else if (how == SIG_SETMASK)
        mask = *set;
    else
        return -EINVAL;
    signal_set_mask(mask);
    return 0;
}

long signal_raise(int signal) {
    struct thread_signals *s = &thread_current()->signals;

    if (signal < 0 || signal > SIGNALS)
        return -EINVAL;
    if (!signal)
        return 0;
    if (signals) {
        signals->raise(signal);
    } else if (s->blocked & signal_bit(signal) || !signal_is_ignored_by_default(signal)) {
        s->pending.set |= signal_bit(signal);
        act_on_pending(s);
    }
    return 0;
}
