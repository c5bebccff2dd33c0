/* SPDX-License-Identifier: MIT */
/*
 * POSIX signals of a program with one thread: it can only send them to itself, so a
 * signal is delivered as a call of its handler, before the sending call returns or when
 * the mask is changed to let it through. Signal numbers are Linux's, 1 to 64.
 */
#ifndef ATMAN_SIGNAL_SIGNAL_H
#define ATMAN_SIGNAL_SIGNAL_H

#include "base.h"

/* What the kernel knows of a signal's handling; the layout is Linux's. */
struct signal_action {
    void (*handler)(int); /* or SIG_DFL, SIG_IGN */
    unsigned long flags;  /* SA_* */
    void (*restorer)(void);
    uint64_t mask;
};

/* Reads and sets the action; either pointer may be NULL. -EINVAL for a bad number. */
long signal_set_action(int signal, const struct signal_action *new,
                       struct signal_action *old);

/* how as in sigprocmask; either pointer may be NULL. Delivers what is let through. */
long signal_change_mask(int how, const uint64_t *set, uint64_t *old);

/* What was sent and is held back by the mask. */
uint64_t signal_pending(void);

/*
 * Sends signal to the program; 0 only checks. how is its si_code: SI_USER or SI_TKILL.
 * Returns once it is handled or held back.
 */
long signal_send(int signal, int how);

#endif
