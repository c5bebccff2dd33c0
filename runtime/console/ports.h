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

/* Asks Xen for access to I/O ports, for this vCPU; false if it refuses. */
bool ports_init(void);

/* As console_write, console_read and console_exit say. */
void ports_write(enum console_stream stream, const char *data, size_t size);
long ports_read(char *buffer, size_t size);
void ports_exit(unsigned status);

#endif
