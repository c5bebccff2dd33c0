/* SPDX-License-Identifier: MIT */
/*
 * Our own terminal, if stdin and stdout are one. A guest that does a terminal's work itself
 * wants keys as they are typed: then ours is raw, and is restored at every end of ours that
 * we see, and while we are stopped.
 */
#ifndef ATMAN_RUN_HOSTTERM_H
#define ATMAN_RUN_HOSTTERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The key that ends the guest while the terminal is raw: Ctrl-]. */
#define HOSTTERM_ESCAPE '\x1d'

/* Are stdin and stdout a terminal? */
bool hostterm_is_there(void);

/* Its size: columns << 16 | rows; 80x24 if it does not know. */
uint32_t hostterm_window(void);

/* Keys come as they are typed, and output is shown as it is. False if that fails. */
bool hostterm_raw(void);
bool hostterm_is_raw(void);

/* Is again as it was before hostterm_raw(). */
void hostterm_restore(void);

/* After SIGTSTP: stops this process with the terminal as it was, and returns when it is
 * continued. After SIGCONT: the terminal is as it was before we were stopped. */
void hostterm_stop(void);
void hostterm_continue(void);

#endif
