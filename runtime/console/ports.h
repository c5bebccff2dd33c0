/* SPDX-License-Identifier: MIT */
/*
 * Devices of the emulated machine in which `atman-run` boots an image as Xen's first
 * domain. Their ports (docs/direct-boot.md) carry standard input and output byte for
 * byte, apart from Xen's log on the serial line.
 */
#ifndef ATMAN_CONSOLE_PORTS_H
#define ATMAN_CONSOLE_PORTS_H

#include "base.h"
#include "console/console.h"
#include "xen/upcall.h"

/* Asks Xen for access to I/O ports, for this vCPU; false if it refuses. */
bool ports_init(void);

/* As console_write, console_read and console_exit say. */
void ports_write(enum console_stream stream, const char *data, size_t size);
long ports_read(char *buffer, size_t size);
void ports_exit(unsigned status);

/*
 * handler is called when a byte has come on the second serial port, which then means
 * nothing else. False if Xen does not let us have its interrupt. The handler calls
 * ports_calm first.
 */
bool ports_listen(upcall_handler *handler);
void ports_calm(void);

#endif
