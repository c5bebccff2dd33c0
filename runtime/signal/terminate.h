/* SPDX-License-Identifier: MIT */
/* Asking the program to end. */
#ifndef ATMAN_SIGNAL_TERMINATE_H
#define ATMAN_SIGNAL_TERMINATE_H

#include "base.h"

/*
 * Sends signal to the program if it has a handler for it, or blocks it to wait for it; then
 * late is called, in a kernel entry, if the program is still there after limit (ns) from
 * the first such call on. False: it does neither; nothing is sent. As signal_send_process.
 */
bool signal_terminate(int signal, uint64_t limit, void (*late)(void));

#endif
