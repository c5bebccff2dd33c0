/* SPDX-License-Identifier: MIT */
/* Handlers are called when nothing is held any more, and decide what becomes of the call.
 */
#include "sched/settle.h"

#include <errno.h>

#include "sched/mutex.h"
#include "sched/thread.h"

long handlers_interrupt(bool restarts) {
    const struct thread_signals *s = &thread_current()->signals;

    if (s->point == POINT_INTERRUPTED)
        return -EINTR;
    if (!s->held || !__atomic_load_n(&s->ready, __ATOMIC_SEQ_CST) || s->deferred)
        return 0;
    return restarts ? -RESTART_CALL : -RESTART_UNHANDLED;
}

bool handlers_settle(long *result) {
    struct thread_signals *s = &thread_current()->signals;
    volatile enum handled outcome = HANDLED_NONE;
    bool restarts = *result == -RESTART_CALL;

    if (!restarts && *result != -RESTART_UNHANDLED) {
        handlers_release();
        return false;
    }
    s->outcome = &outcome;
    handlers_release();
    s->outcome = NULL;
    if (s->point != POINT_INTERRUPTED &&
        (outcome == HANDLED_NONE || (restarts && outcome == HANDLED_RESTART)))
        return true;
    *result = -EINTR;
    return false;
}
