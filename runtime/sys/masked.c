/* SPDX-License-Identifier: MIT */
/* Masks of signals for the time of a wait. */
#include "sys/masked.h"

#include <errno.h>

#include "pv/access.h"
#include "sched/settle.h"
#include "sched/thread.h"
#include "signal/signal.h"

long masked_begin(struct masked *m, const uint64_t *set, size_t size) {
    uint64_t mask;

    m->is_set = false;
    if (!set)
        return 0;
    if (size != sizeof mask)
        return -EINVAL;
    if (user_read(&mask, set, sizeof mask))
        return -EFAULT;
    m->is_set = true;
    m->before = thread_current()->signals.blocked;
    signal_set_mask(mask);
    return 0;
}

/* Of a call that a signal has ended the handler's end sets the mask. */
bool masked_settle(const struct masked *m, long *result) {
    struct thread_signals *s = &thread_current()->signals;
    bool interrupted = *result == -RESTART_UNHANDLED || *result == -EINTR;

    if (m->is_set && interrupted) {
        s->before = m->before;
        s->goes_back = true;
    } else if (m->is_set) {
        signal_set_mask(m->before);
    }
    bool again = handlers_settle(result);
    if (m->is_set && s->goes_back && !s->deferred) {
        s->goes_back = false;
        signal_set_mask(m->before);
    }
    return again;
}
