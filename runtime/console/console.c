/* SPDX-License-Identifier: MIT */
/* Chooses the console's kind; the hypervisor's, the simplest, is here as well. */
#include "console/console.h"

#include <errno.h>

#include "console/channel.h"
#include "console/listen.h"
#include "console/ports.h"
#include "console/ring.h"
#include "console/wait.h"
#include "pv/access.h"
#include "xen/domain.h"
#include "xen/event.h"
#include "xen/hypercall.h"
#include "xen/suspend.h"
#include "xen/time.h"

enum {
    COPY_SIZE = 256,
    SEIZE_SPINS = 1000,
    SEIZE_TRIES = SEIZE_SPINS + 100,
    SEIZE_SLEEP_NS = 1000000,
};

struct lock console_lock = LOCK_INIT(LOCK_CONSOLE);

static enum { HYPERVISOR, RING, PORTS, CHANNEL } kind;

static bool is_joined;

static upcall_handler *listener;

void console_init(bool use_ports, bool use_channel, bool join_errors) {
    is_joined = join_errors;
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

/* A domain's own console is Xen's, too, which takes a page at a time. */
static void plain_write(enum console_stream stream, const char *data, size_t size) {
    if (kind == HYPERVISOR)
        xen_console_io(CONSOLEIO_write, size, (void *)data);
    else
        ports_write(stream, data, size);
}

/* There is an event for input, but a program that waits for a person need not be quick. */
static long plain_read(char *buffer, size_t size) {
    struct tick tick = wait_begin_ticks(WAIT_TICK_NS);

    if (kind != HYPERVISOR)
        return ports_read(buffer, size);
    for (;;) {
        long n = xen_console_io(CONSOLEIO_read, size, buffer);
        if (n)
            return n < 0 ? 0 : n;
        if (!wait_for_tick(&tick))
            return -EINTR;
    }
}

/* What goes to Xen or to a port must be known to be there. */
static long copy_out(enum console_stream stream, const char *data, size_t size) {
    char part[COPY_SIZE];

    for (size_t done = 0, n; done < size; done += n) {
        n = MIN(size - done, sizeof part);
        long error = user_read(part, data + done, n);
        if (error)
            return done ? (long)done : error;
        plain_write(stream, part, n);
    }
    return (long)size;
}

static long copy_in(char *buffer, size_t size) {
    char part[COPY_SIZE];
    long n = plain_read(part, MIN(size, sizeof part));
    long error = n > 0 ? user_write(buffer, part, (size_t)n) : 0;

    return error ? error : n;
}

long console_write(enum console_stream stream, const void *data, size_t size) {
    if (stream == CONSOLE_ERR && is_joined)
        stream = CONSOLE_OUT;
    if (is_shared(stream))
        return channel_write(stream, data, size);
    if (kind == RING)
        return ring_write(data, size);
    return copy_out(stream, data, size);
}

/*
 * The lock, for lines that must get out whoever holds it: it may be the very code that a
 * report is about. False: it was not to be had, and will not be waited for again.
 */
static bool seize(void) {
    static bool given_up;

    for (unsigned i = 0; i < SEIZE_TRIES && !given_up; i++) {
        if (lock_try(&console_lock))
            return true;
        if (i < SEIZE_SPINS)
            __asm__ __volatile__("pause");
        else
            event_sleep(xen_time_system() + SEIZE_SLEEP_NS);
    }
    given_up = true;
    return false;
}

void console_log(const char *line, size_t size) {
    bool taken = seize();

    if (kind == RING)
        ring_log(line, size);
    else
        plain_write(CONSOLE_LOG, line, size);
    if (taken)
        lock_drop(&console_lock);
}

long console_read(void *buffer, size_t size) {
    if (kind == CHANNEL && channel_open())
        return channel_read(buffer, size);
    return kind == RING ? ring_read(buffer, size) : copy_in(buffer, size);
}

/* The interrupt of the serial port goes on until its bytes are taken. */
static void tell(void) {
    if (kind == CHANNEL)
        ports_calm();
    listener();
}

static bool listen(void) {
    switch (kind) {
    case RING:
        ring_listen(tell);
        return true;
    case CHANNEL:
        return channel_listen(tell);
    case HYPERVISOR:
        return upcall_bind_virq(VIRQ_CONSOLE, 0, tell);
    default:
        return false;
    }
}

/* The ring's port is another one. */
static void go_on(bool is_elsewhere) {
    if (is_elsewhere && listener)
        listen();
}

bool console_listen(upcall_handler *handler) {
    static struct suspend_step step = {.order = SUSPEND_CONSOLE, .go_on = go_on};
    bool first = !listener;

    suspend_add(&step);
    listener = handler;
    if (!first || listen())
        return true;
    listener = NULL;
    return false;
}

bool console_is_heard(void) {
    return listener;
}

long console_take(char *buffer, size_t size) {
    if (kind == CHANNEL)
        return channel_take(buffer, size);
    if (kind == RING)
        return ring_take(buffer, size);
    long n = xen_console_io(CONSOLEIO_read, size, buffer);
    return n > 0 ? n : -EAGAIN;
}

long console_show(const char *data, size_t size) {
    if (kind == CHANNEL)
        return channel_show(data, size);
    if (kind == RING)
        return ring_show(data, size);
    plain_write(CONSOLE_OUT, data, size);
    return (long)size;
}

uint64_t console_news(uint16_t *columns, uint16_t *rows) {
    return kind == CHANNEL ? channel_news(columns, rows) : 0;
}

void console_say_terminal(bool is_relayed) {
    static const char line[] = "\001terminal\n";

    if (kind == CHANNEL)
        channel_say_terminal();
    else if (kind == RING && is_relayed)
        console_log(line, sizeof line - 1);
}

void console_drain(void) {
    if (kind == RING)
        ring_drain();
}

void console_exit(unsigned status) {
    seize(); /* the last line of all must be whole */
    if (kind == PORTS || kind == CHANNEL)
        ports_exit(status);
}
