/* SPDX-License-Identifier: MIT */
/* Chooses the console's kind; the hypervisor's, the simplest, is here as well. */
#include "xen/console.h"

#include "xen/domain.h"
#include "xen/event.h"
#include "xen/hypercall.h"
#include "xen/ports.h"
#include "xen/ring.h"
#include "xen/time.h"

enum { INPUT_POLL_NS = 10000000 };

static enum { HYPERVISOR, RING, PORTS } kind;

void console_init(bool use_ports) {
    if (!xen_is_initial_domain() && xen_start_info->console.domU.mfn)
        kind = RING;
    else if (use_ports && ports_init())
        kind = PORTS;
}

static void hypervisor_write(const char *data, size_t size) {
    while (size) {
        size_t part = MIN(size, PAGE_SIZE);
        if (xen_console_io(CONSOLEIO_write, part, (void *)data) < 0)
            return;
        data += part;
        size -= part;
    }
}

/* There is an event for input, but a program that waits for a person need not be quick. */
static size_t hypervisor_read(void *buffer, size_t size) {
    for (;;) {
        long n = xen_console_io(CONSOLEIO_read, MIN(size, PAGE_SIZE), buffer);
        if (n)
            return n < 0 ? 0 : (size_t)n;
        event_sleep(xen_time_system() + INPUT_POLL_NS);
    }
}

void console_write(enum console_stream stream, const void *data, size_t size) {
    if (kind == PORTS)
        ports_write(stream, data, size);
    else if (kind == RING)
        ring_write(data, size);
    else
        hypervisor_write(data, size);
}

size_t console_read(void *buffer, size_t size) {
    if (kind == PORTS)
        return ports_read(buffer, size);
    return kind == RING ? ring_read(buffer, size) : hypervisor_read(buffer, size);
}

void console_drain(void) {
    if (kind == RING)
        ring_drain();
}

void console_exit(unsigned status) {
    if (kind == PORTS)
        ports_exit(status);
}
