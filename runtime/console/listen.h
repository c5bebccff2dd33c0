/* SPDX-License-Identifier: MIT */
/*
 * The console for those who do not wait for it: they are told when there is input, and take
 * it at once. What does is a terminal (fs/terminal.c), or whoever only wants the signals
 * that atman-run passes on (sys/attend.c).
 */
#ifndef ATMAN_CONSOLE_LISTEN_H
#define ATMAN_CONSOLE_LISTEN_H

#include "base.h"
#include "xen/upcall.h"

/*
 * handler is called on the first vCPU, in a kernel entry, whenever there may be input or
 * news. False: this console cannot tell. A later handler takes an earlier one's place.
 * There must be a scheduler.
 */
bool console_listen(upcall_handler *handler);

/* Somebody listens. */
bool console_is_heard(void);

/*
 * Without waiting, after console_listen: input that is there, up to size bytes of the
 * runtime's own memory; -EAGAIN: nothing; 0: its end. And standard output: how many bytes
 * there was room for. Any locks of ranks below LOCK_CONSOLE.
 */
long console_take(char *buffer, size_t size);
long console_show(const char *data, size_t size);

/*
 * Takes the signals that atman-run passes on: bit n - 1 for signal n. Sets the window's
 * size, if it is told; if that is another one, SIGWINCH is among the signals.
 */
uint64_t console_news(uint16_t *columns, uint16_t *rows);

/*
 * From now on keys are wanted as they are typed, without line editing by the other side.
 * is_relayed: that of a domain's own console is atman-run, and can be told.
 */
void console_say_terminal(bool is_relayed);

#endif
