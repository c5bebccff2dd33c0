/* SPDX-License-Identifier: MIT */
/* Waiting for signals. */
#include <errno.h>

#include "signal/internal.h"

long signal_wait(uint64_t set, struct signal_info *info, uint64_t until) {
    struct thread *t = thread_current();
    struct thread_signals *s = &t->signals;

    for (;;) {
        lock_take(&signal_lock);
        int found = signal_take(t, set, info);
        if (!found && until != 1) {
            s->awaited = set;
            thread_prepare(true);
        }
        lock_drop(&signal_lock);
        if (found || until == 1)
            return found ? found : -EAGAIN;

        enum wake why = thread_sleep(until);
        lock_take(&signal_lock);
        s->awaited = 0;
        found = signal_take(t, set, info);
        signal_update(t);
        lock_drop(&signal_lock);
        enum handled handled = thread_finish();
        if (found || why == WAKE_TIMEOUT)
            return found ? found : -EAGAIN;
        if (handled != HANDLED_NONE)
            return -EINTR;
    }
}

/*
 * The outcome is watched all the time, not only at the end of each wait: a handler may be
 * called in between.
 */
long signal_suspend(const uint64_t *mask) {
    struct thread *t = thread_current();
    struct thread_signals *s = &t->signals;
    volatile enum handled outcome = HANDLED_NONE;

    thread_prepare(true); /* from here on nothing is delivered but where events are on */
    s->outcome = &outcome;
    if (mask) {
        s->before = s->blocked;
        s->goes_back = true;
        signal_set_mask(*mask);
    }
    while (outcome == HANDLED_NONE && s->point != POINT_INTERRUPTED) {
        thread_sleep(0);
        events_on();
        thread_prepare(true);
    }
    thread_wake(t, WAKE_EVENT); /* there is no further wait */
    s->outcome = NULL;
    if (s->goes_back && !s->deferred) { /* cancelled before any handler was called */
        s->goes_back = false;
        signal_set_mask(s->before);
    }
    events_on();
    return -EINTR;
}
