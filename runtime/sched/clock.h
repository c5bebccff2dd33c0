/* SPDX-License-Identifier: MIT */
/* Clocks and waiting, in nanoseconds. */
#ifndef ATMAN_SCHED_CLOCK_H
#define ATMAN_SCHED_CLOCK_H

#include "base.h"
#include "xen/time.h"

/*
 * The runtime's own time: never goes back, never jumps. Counts from the host's start, which
 * for a program would be a strange beginning: CLOCK_MONOTONIC counts from clock_start().
 */
static inline uint64_t clock_monotonic(void) {
    return xen_time_system();
}

/* Since 1970-01-01 00:00 UTC. Xen's administrator may set it. */
static inline uint64_t clock_realtime(void) {
    return xen_time_wall_base() + xen_time_system();
}

/* What clock_monotonic() was when the program was started. */
extern uint64_t clock_started;

static inline uint64_t clock_start(void) {
    return clock_started;
}

/* What the program's clock of that id (CLOCK_*, or one of processor time) says. -EINVAL. */
long clock_read(int id, uint64_t *ns);

/*
 * Whose processor time that clock counts: -1 the process's, 0 the current thread's, else
 * the thread's of that id. -EINVAL if it is another clock.
 */
long clock_of_cpu(int id, int *tid);

/* Called once, right before the program. */
void clock_init(void);

/*
 * A moment that somebody waits for is system time, or, with this bit, one of the wall
 * clock, which may be set meanwhile.
 */
static const uint64_t CLOCK_WALL = 1ul << 63;

/* The moment when CLOCK_BOOTTIME says so, if the domain is not suspended until then. */
uint64_t clock_of_boottime(uint64_t ns);

/* Has that moment come? */
bool clock_has_come(uint64_t until);

/*
 * The system time at which to look again whether it has: its own, or, since nobody tells if
 * the wall clock is set, the next one at which everybody looks.
 */
uint64_t clock_next_look(uint64_t until);

/* Returns when until has come, never before. */
void clock_sleep_until(uint64_t until);

/* How long (ns) that vCPU has been running, and how long it could have, but others did, by
 * the hypervisor's account; and the former alone. */
struct clock_account {
    uint64_t run, waited;
};
struct clock_account clock_account(unsigned vcpu);
uint64_t clock_run(unsigned vcpu);

#endif
