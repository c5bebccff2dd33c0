/* SPDX-License-Identifier: MIT */
/*
 * Moves bytes between a guest and us: see relay.h.
 */
#include "relay.h"

#include "hostterm.h"
#include "memory.h"
#include "qemu.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* What QEMU says is kept up to here (bytes): the first lines tell the reason. */
#define NOISE_MAX 16384

static void print_line(void *context, const char *line) {
    struct relay *relay = context;
    char *whole = must_format("%s%s\n", line, hostterm_is_raw() ? "\r" : "");

    outlet_add(&relay->err, whole, strlen(whole));
    free(whole);
}

static void take_log_line(void *context, const char *line) {
    struct relay *relay = context;

    report_take(&relay->report, line);
}

void relay_start(struct relay *relay, struct bed *bed, const char *kernel, bool verbose) {
    *relay = (struct relay){.bed = bed, .verbose = verbose};
    outlet_open(&relay->out, STDOUT_FILENO);
    outlet_open(&relay->err, STDERR_FILENO);
    relay->port.fd = bed->com2;
    relay->rings.memory = bed->memory;
    relay->rings.size = bed->bytes;
    relay->rings.low = bed->bytes < QEMU_LOW_BYTES ? bed->bytes : QEMU_LOW_BYTES;
    relay->report.image = kernel;
    relay->report.print = print_line;
    relay->report.context = relay;
    runlog_init(&relay->log, take_log_line, relay);
    xenlog_init(&relay->xen, 0, verbose ? print_line : NULL, relay);
}

static struct outlet *outlet_of(struct relay *relay, enum bed_channel which) {
    return which == BED_OUT ? &relay->out : &relay->err;
}

static void dispatch(struct relay *relay, enum bed_channel which, const char *bytes,
                     size_t length) {
    switch (which) {
    case BED_COM1:
        xenlog_feed(&relay->xen, bytes, length);
        break;
    case BED_LOG:
        runlog_feed(&relay->log, bytes, length);
        break;
    case BED_NOISE:
        if (relay->verbose)
            outlet_add(&relay->err, bytes, length);
        else if (relay->noise.length < NOISE_MAX)
            text_add(&relay->noise, bytes, length);
        break;
    default:
        outlet_add(outlet_of(relay, which), bytes, length);
    }
}

static void take_what_was_before(struct relay *relay);

/* Reads a channel until it is empty, has ended, or its outlet is full. */
static void read_channel(struct relay *relay, enum bed_channel which) {
    static char all[BED_CHANNELS][64 * 1024];
    char *bytes = all[which];
    int *fd = &relay->bed->channel[which];
    ssize_t n;

    do {
        n = read(*fd, bytes, sizeof all[which]);
        if (n > 0 && which == BED_LOG)
            take_what_was_before(relay);
        if (n > 0)
            dispatch(relay, which, bytes, (size_t)n);
    } while ((n > 0 && !outlet_full(outlet_of(relay, which))) || (n < 0 && errno == EINTR));
    if (n == 0) {
        close(*fd);
        *fd = -1;
    }
}

/* The first channels in the order in which bytes must be seen: what a program wrote before
 * it ended is read before the line that says so. */
static const enum bed_channel order[BED_CHANNELS] = {BED_OUT, BED_ERR, BED_LOG, BED_COM1,
                                                     BED_NOISE};

static void violated(struct relay *relay, const char *how) {
    relay->rings.page = NULL;
    relay->violation = how;
}

static void pump_output(struct relay *relay) {
    if (relay->log.has_ring && !relay->rings.page && !relay->violation) {
        const char *wrong = rings_attach(&relay->rings, relay->log.ring);

        if (wrong)
            violated(relay, wrong);
    }
    if (relay->rings.page && (!rings_take(&relay->rings, RINGS_STDOUT, &relay->out) ||
                              !rings_take(&relay->rings, RINGS_STDERR, &relay->err)))
        violated(relay, "it claims more bytes than a ring holds");
}

/* What the program wrote before a line of the log is here by now, and comes before it. */
static void take_what_was_before(struct relay *relay) {
    static const enum bed_channel before[] = {BED_OUT, BED_ERR};

    pump_output(relay);
    for (size_t i = 0; i < sizeof before / sizeof *before; i++)
        if (relay->bed->channel[before[i]] >= 0 &&
            !outlet_full(outlet_of(relay, before[i])))
            read_channel(relay, before[i]);
}

/* A byte on the serial port is an interrupt of the guest's. If it is full there will be one
 * anyway. */
static void wake_guest(struct relay *relay) {
    if (relay->log.attends)
        send(relay->port.fd, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

bool relay_news(struct relay *relay, int signal) {
    if (!relay->log.attends || !relay->rings.page)
        return false;
    rings_news(&relay->rings, signal ? UINT64_C(1) << (signal - 1) : 0,
               hostterm_is_there() ? hostterm_window() : 0);
    wake_guest(relay);
    return true;
}

static void take_keys(struct relay *relay) {
    relay->input.keys = hostterm_raw();
    if (relay->verbose && !relay->said)
        relay_say(relay, "keys go to the program from now on; Ctrl-] ends the guest");
    relay->said = true;
}

/* The guest may have begun to listen, or to do a terminal's work. */
static void follow_wishes(struct relay *relay) {
    if (relay->log.attends && !relay->attended)
        relay->attended = relay_news(relay, 0);
    if (relay->log.is_terminal && !relay->input.keys)
        take_keys(relay);
}

static void give_input(struct relay *relay) {
    struct input *input = &relay->input;
    size_t given =
        rings_give(&relay->rings, input->bytes + input->begin, input->end - input->begin);

    input_taken(input, given);
    if (input->ended && input->begin == input->end && !relay->closed) {
        rings_close_input(&relay->rings);
        relay->closed = true;
        given = 1;
    }
    if (given)
        wake_guest(relay);
}

void relay_pump(struct relay *relay) {
    struct input *input = &relay->input;

    pump_output(relay);
    follow_wishes(relay);
    input->wanted = relay->log.wants_input;
    if (!input->wanted)
        return;
    if (!relay->rings.page) {
        port_pump(&relay->port, input);
        return;
    }
    give_input(relay);
}

/* Is there something in the rings that could be moved now? */
static bool rings_busy(struct relay *relay) {
    struct rings *rings = &relay->rings;

    if (!rings->page)
        return false;
    return (!outlet_full(&relay->out) && rings_hold(rings, RINGS_STDOUT)) ||
           (!outlet_full(&relay->err) && rings_hold(rings, RINGS_STDERR)) ||
           (relay->input.begin < relay->input.end && rings_want(rings));
}

enum { WAKE = BED_CHANNELS, OWN_STDIN, COM2, OWN_STDOUT, OWN_STDERR, POLLED };

static void fill(struct relay *relay, struct pollfd fds[POLLED], int wake) {
    const struct port *port = &relay->port;
    int in = input_hungry(&relay->input) ? STDIN_FILENO : -1;
    int out = outlet_pending(&relay->out) ? relay->out.fd : -1;
    int err = outlet_pending(&relay->err) ? relay->err.fd : -1;

    for (int i = 0; i < BED_CHANNELS; i++) {
        bool full = outlet_full(outlet_of(relay, (enum bed_channel)i));

        fds[i] = (struct pollfd){full ? -1 : relay->bed->channel[i], POLLIN, 0};
    }
    fds[WAKE] = (struct pollfd){wake, POLLIN, 0};
    fds[OWN_STDIN] = (struct pollfd){in, POLLIN, 0};
    fds[COM2] = (struct pollfd){port_pending(port) ? port->fd : -1, POLLOUT, 0};
    fds[OWN_STDOUT] = (struct pollfd){out, POLLOUT, 0};
    fds[OWN_STDERR] = (struct pollfd){err, POLLOUT, 0};
}

/*
 * How long to sleep, at most timeout (ms; -1: any time). With one processor QEMU emulates
 * the guest's exchange of the bell by a load and a store, in no order with what we see of
 * its other stores: so the bell may fail to ring, and is not relied on for ever.
 */
static int doze(struct relay *relay, int timeout) {
    enum { LONGEST_MS = 20 };

    if (!relay->rings.page)
        return timeout;
    rings_arm(&relay->rings);
    if (rings_busy(relay))
        return 0;
    return timeout < 0 || timeout > LONGEST_MS ? LONGEST_MS : timeout;
}

bool relay_wait(struct relay *relay, int wake, int timeout) {
    struct pollfd fds[POLLED];

    fill(relay, fds, wake);
    timeout = doze(relay, timeout);
    if (poll(fds, POLLED, timeout) < 0)
        return false; /* EINTR, after we were stopped and continued */
    if (fds[OWN_STDOUT].revents)
        outlet_flush(&relay->out);
    if (fds[OWN_STDERR].revents)
        outlet_flush(&relay->err);
    if (fds[OWN_STDIN].revents)
        input_read(&relay->input);
    for (int i = 0; i < BED_CHANNELS; i++)
        if (fds[order[i]].revents)
            read_channel(relay, order[i]);
    return fds[WAKE].revents != 0;
}

bool relay_ended(struct relay *relay) {
    for (int i = 0; i < BED_CHANNELS; i++)
        if (relay->bed->channel[i] >= 0)
            return false;
    return !relay->rings.page || (!rings_hold(&relay->rings, RINGS_STDOUT) &&
                                  !rings_hold(&relay->rings, RINGS_STDERR));
}

bool relay_drained(const struct relay *relay) {
    return !outlet_pending(&relay->out) && !outlet_pending(&relay->err);
}

void relay_say(struct relay *relay, const char *format, ...) {
    va_list args;
    char *reason, *line;

    va_start(args, format);
    reason = must_format_va(format, args);
    va_end(args);
    line = must_format("atman-run: %s%s\n", reason, hostterm_is_raw() ? "\r" : "");
    outlet_add(&relay->err, line, strlen(line));
    free(line);
    free(reason);
}

void relay_finish(struct relay *relay) {
    runlog_end(&relay->log);
    report_end(&relay->report);
    xenlog_end(&relay->xen);
}

void relay_free(struct relay *relay) {
    outlet_close(&relay->out);
    outlet_close(&relay->err);
    text_free(&relay->port.queue);
    text_free(&relay->noise);
    text_free(&relay->log.lines.partial);
    xenlog_free(&relay->xen);
    argv_free(&relay->report.held);
}
