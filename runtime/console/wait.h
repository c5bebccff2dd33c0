/* SPDX-License-Identifier: MIT */
/*
 * Waiting for the console's other side: other threads run meanwhile, if there are any, and
 * a signal ends it.
 */
#ifndef ATMAN_CONSOLE_WAIT_H
#define ATMAN_CONSOLE_WAIT_H

#include "base.h"
#include "xen/interface.h"

/* Before looking at a ring: what port signals from now on ends wait_for_port. */
uint32_t wait_begin(evtchn_port_t port);

/*
 * Waits until port has signalled since wait_begin, which returned begun, or system time has
 * reached until (ns; 0: no limit); or a while less. False: a signal came that ends the
 * call.
 */
bool wait_for_port(evtchn_port_t port, uint32_t begun, uint64_t until);

/* For what is looked at now and again. */
struct tick {
    uint64_t ns;     /* the next wait */
    uint32_t breaks; /* signals that had ended a call before the first */
};

enum { WAIT_TICK_NS = 50000 }; /* the first wait */

/* Before the first look. */
struct tick wait_begin_ticks(uint64_t first_ns);

/* Waits for tick->ns, which grow with each time up to a limit, or less. False: a signal
 * came that ends the call, now or since the last time. */
bool wait_for_tick(struct tick *tick);

#endif
