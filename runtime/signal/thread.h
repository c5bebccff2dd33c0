/* SPDX-License-Identifier: MIT */
/* What signal/ keeps in each thread (sched/thread.h). */
#ifndef ATMAN_SIGNAL_THREAD_H
#define ATMAN_SIGNAL_THREAD_H

#include "base.h"

struct thread_signals {
    /* A signal is pending that is not blocked. Set before the thread is woken for it; read
     * without a lock. */
    bool ready;
    uint64_t blocked; /* bit n - 1: signal n */
};

#endif
