/* SPDX-License-Identifier: MIT */
/* Chooses the console's kind; the hypervisor's, the simplest, is here as well. */
#include "console/console.h"

#include "console/channel.h"
#include "console/ports.h"
#include "console/ring.h"
#include "xen/domain.h"
#include "xen/event.h"
#include "xen/hypercall.h"
#include "xen/time.h"

enum { INPUT_POLL_NS = 10000000 };

static enum { HYPERVISOR, RING, PORTS, CHANNEL } kind;

void console_init(bool use_ports, bool use_channel) {
    if (!xen_is_initial_domain() && xen_start_info->console.domU.mfn)
        kind = RING;
    else if (use_ports && ports_init())
        kind = use_channel ? CHANNEL : PORTS;
}

void console_start_vcpu(void) {
    if (kind == PORTS || kind == CHANNEL)
        ports_init();
}

/* Where a stream goes: the log, and everything when there is no memory, to the ports. */
static bool is_shared(enum console_stream stream) {
    return kind == CHANNEL && stream != CONSOLE_LOG && channel_open();
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
    if (is_shared(stream))
        channel_write(stream, data, size);
    else if (kind == PORTS || kind == CHANNEL)
        ports_write(stream, data, size);
    else if (kind == RING)
        ring_write(data, size);
    else
        hypervisor_write(data, size);
}

size_t console_read(void *buffer, size_t size) {
    if (kind == CHANNEL && channel_open())
        return channel_read(buffer, size);
    if (kind == PORTS || kind == CHANNEL)
        return ports_read(buffer, size);
    return kind == RING ? ring_read(buffer, size) : hypervisor_read(buffer, size);
}

void console_drain(void) {
    if (kind == RING)
        ring_drain();
}

void console_exit(unsigned status) {
    if (kind == PORTS || kind == CHANNEL)
        ports_exit(status);
}
