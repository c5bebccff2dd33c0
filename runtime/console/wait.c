/* SPDX-License-Identifier: MIT */
/* By the scheduler if there is one, else by the hypervisor. */
#include "console/wait.h"

#include "sched/hooks.h"
#include "sched/thread.h"
#include "xen/event.h"
#include "xen/time.h"

enum { LONGEST_TICK_NS = 10000000 };

/* Where events are masked, as at the end after a crash, nobody else can run. */
static bool can_sleep(void) {
    return scheduler && !THIS_LINE->depth;
}

uint32_t wait_begin(evtchn_port_t port) {
    if (can_sleep())
        return scheduler->count_events();
    event_clear(port);
    return 0;
}

bool wait_for_port(evtchn_port_t port, uint32_t begun, uint64_t until) {
    if (can_sleep())
        return scheduler->wait_for_event(port, begun, until);
    event_wait(port, until);
    return true;
}

struct tick wait_begin_ticks(uint64_t first_ns) {
    return (struct tick){first_ns, thread_current()->signals.breaks};
}

bool wait_for_tick(struct tick *tick) {
    uint64_t until = xen_time_system() + tick->ns;

    tick->ns = MIN(tick->ns * 2, (uint64_t)LONGEST_TICK_NS);
    if (can_sleep())
        return scheduler->sleep(until) < HANDLED_BREAK &&
               thread_current()->signals.breaks == tick->breaks;
    event_sleep(until);
    return true;
}
