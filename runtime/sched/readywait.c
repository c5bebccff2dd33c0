/* SPDX-License-Identifier: MIT */
/* A thread as a watcher. */
#include <errno.h>

#include "sched/ready.h"
#include "sched/settle.h"
#include "sched/thread.h"

struct sleeper {
    struct watch watch;
    struct thread *thread;
};

static void wake(struct watch *watch, unsigned events) {
    (void)events;
    thread_wake(LIST_RECORD(watch, struct sleeper, watch)->thread, WAKE_EVENT);
}

/* The watch is added before the count is compared: a notice in between wakes. */
long ready_sleep(struct ready *ready, uint32_t seen, uint64_t until, bool restarts) {
    struct sleeper me = {.watch.notify = wake, .thread = thread_current()};

    thread_prepare(true);
    watch_add(&me.watch, ready);
    if (ready_seen(ready) != seen)
        thread_wake(me.thread, WAKE_EVENT);
    enum wake why = thread_sleep(until);
    watch_remove(&me.watch);
    enum handled handled = thread_finish();
    if (handled >= HANDLED_BREAK || (handled == HANDLED_RESTART && !restarts))
        return -EINTR;
    if (why == WAKE_SIGNAL)
        return handlers_interrupt(restarts);
    return why == WAKE_TIMEOUT ? -ETIMEDOUT : 0;
}
