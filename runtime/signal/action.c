/* SPDX-License-Identifier: MIT */
/* What is done for each signal, and the start of all this. */
#include <errno.h>
#include <signal.h>

#include "sched/hooks.h"
#include "signal/fault.h"
#include "signal/internal.h"
#include "signal/terminate.h"

/* Flags that are known (Linux's); the others are not told of afterwards. */
enum { SA_EXPOSE = 0x800 };
#define KNOWN_FLAGS                                                                        \
    (SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO | SA_EXPOSE | 0x04000000ul /* SA_RESTORER */ \
     | SA_ONSTACK | SA_RESTART | SA_NODEFER | (unsigned)SA_RESETHAND)

struct signal_action signal_actions[SIGNALS + 1];

static const struct signals whole = {
    .deliver = signal_deliver,
    .mask_changed = signal_mask_changed,
    .raise = signal_raise_here,
    .terminate = signal_terminate,
    .end = signal_end,
};

void signal_start(void) {
    if (signals)
        return;
    scheduler_start();
    fault_deliver = signal_deliver_fault;
    __atomic_store_n(&signals, &whole, __ATOMIC_SEQ_CST);
    signal_mask_changed();
}

bool signal_is_ignored(int signal) {
    void (*handler)(int) = signal_actions[signal].handler;

    return handler == SIG_IGN ||
           (handler == SIG_DFL && signal_is_ignored_by_default(signal));
}

long signal_set_action(int signal, const struct signal_action *new,
                       struct signal_action *old) {
    if (signal < 1 || signal > SIGNALS || (new && (signal == SIGKILL || signal == SIGSTOP)))
        return -EINVAL;
    signal_start();
    lock_take(&signal_lock);
    if (old)
        *old = signal_actions[signal];
    if (new) {
        signal_actions[signal] = *new;
        signal_actions[signal].flags &= KNOWN_FLAGS;
        signal_actions[signal].mask &= ~(signal_bit(SIGKILL) | signal_bit(SIGSTOP));
        if (signal_is_ignored(signal)) /* POSIX: then it is not pending any more */
            signal_discard(signal);
    }
    lock_drop(&signal_lock);
    return 0;
}
