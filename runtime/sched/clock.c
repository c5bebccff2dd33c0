/* SPDX-License-Identifier: MIT */
/* The program's clocks are Xen's. */
#include "sched/clock.h"

#include "log/log.h"
#include "xen/event.h"
#include "xen/time.h"

static uint64_t start;

void clock_init(void) {
    start = clock_monotonic();
    log_set_start(start);
}

uint64_t clock_start(void) {
    return start;
}

uint64_t clock_monotonic(void) {
    return xen_time_system();
}

uint64_t clock_realtime(void) {
    return xen_time_wall_base() + xen_time_system();
}

void clock_sleep_until(uint64_t until) {
    while (clock_monotonic() < until)
        event_sleep(until);
}
