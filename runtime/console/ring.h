/* SPDX-License-Identifier: MIT */
/* The console ring of an ordinary domain (xen/include/public/io/console.h). */
#ifndef ATMAN_CONSOLE_RING_H
#define ATMAN_CONSOLE_RING_H

#include "base.h"

/* As console_write, console_read and console_drain say. The ring has no end of input. */
long ring_write(const char *data, size_t size);
long ring_read(char *buffer, size_t size);
void ring_drain(void);

/* Under the lock, if it was to be had. Gives up after a few seconds without room. */
void ring_log(const char *data, size_t size);

#endif
