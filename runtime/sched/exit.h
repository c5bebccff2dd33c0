/* SPDX-License-Identifier: MIT */
/* The end of a thread. */
#ifndef ATMAN_SCHED_EXIT_H
#define ATMAN_SCHED_EXIT_H

#include "sched/thread.h"

/*
 * Ends the current thread, of which others are left: the mutexes that it holds and that are
 * robust become their next owners' (sched/robust.h).
 */
_Noreturn void exit_thread(void);

/* Called on another stack, without locks: unmaps t's if it asked for it, says that it is
 * gone, and gives back what it took. */
void exit_reap(struct thread *t);

#endif
