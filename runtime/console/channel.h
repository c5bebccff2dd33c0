/* SPDX-License-Identifier: MIT */
/*
 * Standard input, output and error through memory shared with `atman-run`
 * (include/rings_abi.h), which has the emulated machine's memory mapped: a byte costs no
 * trap. The log stays on its port, which works in every state of the program.
 */
#ifndef ATMAN_CONSOLE_CHANNEL_H
#define ATMAN_CONSOLE_CHANNEL_H

#include "base.h"
#include "console/console.h"
#include "xen/upcall.h"

/*
 * Makes the rings and tells atman-run where they are, at the first call. False if there is
 * no memory for them.
 */
bool channel_open(void);

/* As console_write and console_read say; channel_open must have succeeded. */
long channel_write(enum console_stream stream, const char *data, size_t size);
long channel_read(char *buffer, size_t size);

/* As console/listen.h says, for this kind. */
bool channel_listen(upcall_handler *handler);
long channel_take(char *buffer, size_t size);
long channel_show(const char *data, size_t size);
uint64_t channel_news(uint16_t *columns, uint16_t *rows);
void channel_say_terminal(void);

#endif
