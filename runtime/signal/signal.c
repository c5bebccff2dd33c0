/* SPDX-License-Identifier: MIT */
/* Actions, mask and pending signals of the one thread. */
#include "signal/signal.h"

#include <errno.h>
#include <signal.h>
#include <ucontext.h>

#include "init/shutdown.h"
#include "signal/report.h"

enum { SIGNALS = 64, FIRST_QUEUED = 32 };

static struct signal_action actions[SIGNALS + 1];
static uint64_t blocked, pending;
/* How the pending signal was sent, SI_*, and how often: from SIGRTMIN on, each counts. */
static int code[SIGNALS + 1];
static unsigned count[SIGNALS + 1];

static uint64_t bit(int signal) {
    return 1ul << (signal - 1);
}

static bool is_ignored_by_default(int signal) {
    return signal == SIGCHLD || signal == SIGCONT || signal == SIGURG || signal == SIGWINCH;
}

static bool is_stop(int signal) {
    return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

/* Nobody could continue a stopped domain from within, so a stop is not made. */
static void act_by_default(int signal) {
    if (is_ignored_by_default(signal) || is_stop(signal))
        return;
    report_call(signal == SIGABRT ? "the program aborted"
                                  : "the program sent itself a signal",
                signal);
    shutdown_by_signal(signal);
}

static void call_handler(int signal, const struct signal_action *action, int how) {
    uint64_t before = blocked;
    siginfo_t info = {.si_signo = signal, .si_code = how};
    ucontext_t context = {.uc_flags = 0};

    info.si_pid = 1;
    *(uint64_t *)&context.uc_sigmask = before;
    blocked |= action->mask;
    if (!(action->flags & SA_NODEFER))
        blocked |= bit(signal);
    if (action->flags & SA_SIGINFO)
        ((void (*)(int, siginfo_t *, void *))(void *)action->handler)(signal, &info,
                                                                      &context);
    else
        action->handler(signal);
    blocked = *(uint64_t *)&context.uc_sigmask;
}

static void deliver(int signal, int how) {
    struct signal_action action = actions[signal];

    if (action.handler == SIG_IGN)
        return;
    if (action.handler == SIG_DFL) {
        act_by_default(signal);
        return;
    }
    if (action.flags & SA_RESETHAND)
        actions[signal].handler = SIG_DFL;
    call_handler(signal, &action, how);
}

static void deliver_pending(void) {
    uint64_t ready;

    while ((ready = pending & ~blocked)) {
        int signal = __builtin_ctzl(ready) + 1;
        if (--count[signal] == 0)
            pending &= ~bit(signal);
        deliver(signal, code[signal]);
    }
}

static bool is_ignored(int signal) {
    void (*handler)(int) = actions[signal].handler;

    return handler == SIG_IGN || (handler == SIG_DFL && is_ignored_by_default(signal));
}

/* POSIX: a signal that comes to be ignored is not pending any more. */
static void discard(int signal) {
    pending &= ~bit(signal);
    count[signal] = 0;
}

long signal_set_action(int signal, const struct signal_action *new,
                       struct signal_action *old) {
    if (signal < 1 || signal > SIGNALS || (new && (signal == SIGKILL || signal == SIGSTOP)))
        return -EINVAL;
    if (old)
        *old = actions[signal];
    if (new) {
        actions[signal] = *new;
        if (is_ignored(signal))
            discard(signal);
    }
    return 0;
}

long signal_change_mask(int how, const uint64_t *set, uint64_t *old) {
    uint64_t mask = blocked;

    if (set) {
        if (how == SIG_BLOCK)
            mask |= *set;
        else if (how == SIG_UNBLOCK)
            mask &= ~*set;
        else if (how == SIG_SETMASK)
            mask = *set;
        else
            return -EINVAL;
    }
    if (old)
        *old = blocked;
    blocked = mask & ~(bit(SIGKILL) | bit(SIGSTOP));
    deliver_pending();
    return 0;
}

uint64_t signal_pending(void) {
    return pending & blocked;
}

long signal_send(int signal, int how) {
    if (signal < 0 || signal > SIGNALS)
        return -EINVAL;
    if (!signal || is_ignored(signal))
        return 0;
    if (signal >= FIRST_QUEUED || !(pending & bit(signal)))
        count[signal]++;
    pending |= bit(signal);
    code[signal] = how;
    deliver_pending();
    return 0;
}
