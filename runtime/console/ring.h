/* SPDX-License-Identifier: MIT */
/* The console ring of an ordinary domain (xen/include/public/io/console.h). */
#ifndef ATMAN_CONSOLE_RING_H
#define ATMAN_CONSOLE_RING_H

#include "base.h"
#include "xen/upcall.h"

/* As console_write, console_read and console_drain say. The ring has no end of input. */
long ring_write(const char *data, size_t size);
long ring_read(char *buffer, size_t size);
void ring_drain(void);

/* Under the lock, if it was to be had. Gives up after a few seconds without room. */
void ring_log(const char *data, size_t size);

struct xencons_interface;

/*
 * The protocol alone, for any ring of that kind, one call at a time: as many bytes of the
 * program's, or the runtime's own, as there are or there is room for, or -EFAULT. After
 * some the other side is to be notified.
 */
long ring_put(volatile struct xencons_interface *ring, const char *data, size_t size);
long ring_get(volatile struct xencons_interface *ring, char *buffer, size_t size);

/* As console/listen.h says, for this kind. */
void ring_listen(upcall_handler *handler);
long ring_take(char *buffer, size_t size);
long ring_show(const char *data, size_t size);

#endif
