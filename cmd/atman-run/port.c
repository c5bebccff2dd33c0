/* SPDX-License-Identifier: MIT */
/*
 * Input through a serial port: see port.h. QEMU's end of the socket takes bytes only as the
 * guest empties its 16-byte FIFO, so the socket's own buffer is all that runs ahead.
 */
#include "port.h"

#include <errno.h>
#include <sys/socket.h>

#define FRAME_MAX 255

void port_frames(struct text *queue, const char *bytes, size_t length) {
    while (length) {
        size_t part = length < FRAME_MAX ? length : FRAME_MAX;

        text_add(queue, &(char){(char)part}, 1);
        text_add(queue, bytes, part);
        bytes += part;
        length -= part;
    }
}

bool port_pending(const struct port *port) {
    return port->fd >= 0 && port->sent < port->queue.length;
}

static void flush(struct port *port) {
    while (port_pending(port)) {
        ssize_t n = send(port->fd, port->queue.data + port->sent,
                         port->queue.length - port->sent, MSG_DONTWAIT | MSG_NOSIGNAL);

        if (n > 0)
            port->sent += (size_t)n;
        else if (n < 0 && errno == EINTR)
            continue;
        else if (n < 0 && errno == EAGAIN)
            return;
        else /* QEMU has ended: nobody will read the rest */
            port->sent = port->queue.length;
    }
    text_drop(&port->queue, port->queue.length);
    port->sent = 0;
}

void port_pump(struct port *port, struct input *input) {
    if (port->fd < 0)
        return;
    flush(port);
    if (port_pending(port))
        return;
    port_frames(&port->queue, input->bytes + input->begin, input->end - input->begin);
    input_taken(input, input->end - input->begin);
    if (input->ended && !port->end_sent) {
        text_add(&port->queue, "", 1);
        port->end_sent = true;
    }
    flush(port);
}
