/* SPDX-License-Identifier: MIT */
/*
 * Input through the guest's second serial port (0x2f8), for a runtime without shared rings.
 * The bytes travel in frames, because a serial port has no end: byte n (1..255), then n
 * bytes of input; a byte 0 is the end of input.
 *
 * Nothing may be sent before the guest has said `stdin` on its log: a UART that is being
 * set up loses bytes, and a lost byte breaks the framing for good.
 */
#ifndef ATMAN_RUN_PORT_H
#define ATMAN_RUN_PORT_H

#include "input.h"
#include "text.h"

struct port {
    int fd;            /* a socket to QEMU, not ours to close; -1: none */
    bool end_sent;     /* the end frame is queued or sent */
    struct text queue; /* frames to be sent */
    size_t sent;       /* bytes of the queue's front that are sent already */
};

/* Appends bytes as frames. */
void port_frames(struct text *queue, const char *bytes, size_t length);

/* Sends what goes without waiting, queued frames first, then what input has. */
void port_pump(struct port *port, struct input *input);

/* Is fd to be polled for POLLOUT? */
bool port_pending(const struct port *port);

#endif
