/* SPDX-License-Identifier: MIT */
#include "signal/terminate.h"

#include <signal.h>

#include "sched/timer.h"
#include "signal/internal.h"
#include "xen/time.h"

static void (*call_late)(void);

static void fire(struct timer *timer) {
    (void)timer;
    call_late();
}

/* One that waits for a signal blocks it in all threads, the first among them. */
static bool is_attended(int signal) {
    void (*handler)(int) = signal_actions[signal].handler;

    if (handler == SIG_DFL)
        return thread_main.signals.blocked & signal_bit(signal);
    return handler != SIG_IGN;
}

bool signal_terminate(int signal, uint64_t limit, void (*late)(void)) {
    static struct timer timer;
    struct signal_info info = {.signal = signal, .code = SI_USER};

    lock_take(&signal_lock);
    bool attended = is_attended(signal);
    lock_drop(&signal_lock);
    if (!attended)
        return false;
    if (!call_late) {
        call_late = late;
        timer.fire = fire;
        timer_set(&timer, xen_time_system() + limit);
    }
    signal_send_process(&info);
    return true;
}
