/* SPDX-License-Identifier: MIT */
/*
 * Calls that wait while they refer to something, such as an open file, that a handler which
 * leaves by longjmp must not keep them from giving back:
 *
 *     do {
 *         handlers_hold();
 *         result = …; (what the call does, with everything given back)
 *     } while (handlers_settle(&result));
 *
 * Within, a wait that a signal interrupts ends with one of these errors instead of calling
 * the handler. They are Linux's, and as there no program sees them.
 */
#ifndef ATMAN_SCHED_SETTLE_H
#define ATMAN_SCHED_SETTLE_H

#include "base.h"

enum {
    RESTART_CALL = 512,      /* anew, but after a handler without SA_RESTART */
    RESTART_UNHANDLED = 514, /* anew only if no handler was called */
};

/*
 * handlers_release; then, if *result was such an error: true if the call is to be made
 * anew, else *result is -EINTR.
 */
bool handlers_settle(long *result);

/* The error for a wait that has ended so, or 0: it goes on. */
long handlers_interrupt(bool restarts);

#endif
