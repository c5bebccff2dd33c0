/* SPDX-License-Identifier: MIT */
/*
 * The other side of a shared ring, and the event channel between: fakes of xen/event.h
 * and of the clock, and one page of memory, with nothing on either side of it, that the
 * domain finds as its console's or xenstore's ring.
 *
 * An honest other side acts only when it was signalled, some time later. If the runtime
 * waits without limit for a side that has nothing to do, it would wait for ever: the test
 * fails.
 */
#ifndef ATMAN_TEST_PEER_H
#define ATMAN_TEST_PEER_H

#include <stdbool.h>
#include <stdint.h>

enum { PEER_PORT = 5 };

/*
 * Starts afresh with an empty page, which is returned. act is what the other side does
 * when it has its turn; it says whether it did something that it signals.
 */
void *peer_start(bool (*act)(void));

/* From its turn: the other side is not done, and will have another one, unsignalled. */
void peer_go_on(void);

/* The other side has a turn at once, signalled or not: for step.h. */
void peer_interrupt(void);

/* From now on the other side has its turn at any time, signalled or not. */
void peer_be_restless(void);

/* The clock, in nanoseconds; goes on when somebody waits, and a little with each look. */
extern uint64_t peer_now;

/* How often the runtime has waited. */
extern unsigned long peer_waits;

#endif
