/* SPDX-License-Identifier: MIT */
/*
 * Moves bytes between a domain's console and us: see ttyrelay.h.
 */
#include "ttyrelay.h"

#include "hostterm.h"
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void put_output(void *context, const char *bytes, size_t length) {
    struct ttyrelay *relay = context;

    outlet_add(&relay->out, bytes, length);
}

static void put_log(void *context, const char *line) {
    struct ttyrelay *relay = context;

    report_take(&relay->report, line);
}

void ttyrelay_print(void *context, const char *line) {
    struct ttyrelay *relay = context;
    char *whole = must_format("%s%s\n", line, hostterm_is_raw() ? "\r" : "");

    outlet_add(&relay->err, whole, strlen(whole));
    free(whole);
}

void ttyrelay_start(struct ttyrelay *relay, const char *image) {
    *relay = (struct ttyrelay){.tty = -1};
    outlet_open(&relay->out, STDOUT_FILENO);
    outlet_open(&relay->err, STDERR_FILENO);
    console_init(&relay->console, put_output, put_log, relay);
    relay->report.image = image;
    relay->report.print = ttyrelay_print;
    relay->report.context = relay;
}

int ttyrelay_open(struct ttyrelay *relay, const char *path) {
    relay->tty = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (relay->tty < 0)
        return -errno;
    relay->input.wanted = true;
    return 0;
}

void ttyrelay_take(struct ttyrelay *relay, int console) {
    relay->tty = console;
    relay->input.wanted = true;
}

/* The control line by which the guest asks for keys; it may come within another line. */
static const char wish[] = "\001terminal\n";

/* Takes the wish out of bytes, and passes on all others. */
static void feed(struct ttyrelay *relay, const char *bytes, size_t length) {
    while (length) {
        const char *start = memchr(bytes, *wish, length);
        size_t run = start ? (size_t)(start - bytes) : length;

        if (relay->matched && *bytes == wish[relay->matched]) {
            run = 1;
            if (++relay->matched == strlen(wish)) {
                relay->input.keys = hostterm_raw();
                relay->matched = 0;
            }
        } else if (relay->matched) {
            console_feed(&relay->console, wish, relay->matched);
            relay->matched = run = 0;
        } else if (run) {
            console_feed(&relay->console, bytes, run);
        } else {
            relay->matched = run = 1;
        }
        bytes += run;
        length -= run;
    }
}

static void read_tty(struct ttyrelay *relay) {
    char bytes[16 * 1024];
    ssize_t n = -1;

    while (!outlet_full(&relay->out) && (n = read(relay->tty, bytes, sizeof bytes)) > 0) {
        feed(relay, bytes, (size_t)n);
        relay->heard = true;
    }
    if (n == 0) { /* a socket whose other end has gone: nothing more comes */
        close(relay->tty);
        relay->tty = -1;
    }
}

static void write_tty(struct ttyrelay *relay) {
    struct input *input = &relay->input;
    ssize_t n = 1;

    while (input->begin < input->end && n > 0) {
        n = write(relay->tty, input->bytes + input->begin, input->end - input->begin);
        if (n > 0)
            input_taken(input, (size_t)n);
    }
}

enum { WAKE_0, WAKE_1, TTY, OWN_STDIN, OWN_STDOUT, OWN_STDERR, POLLED };

void ttyrelay_wait(struct ttyrelay *relay, const int wake[2], bool ready[2], int timeout) {
    bool reads = !outlet_full(&relay->out);
    bool writes = relay->input.begin < relay->input.end;
    struct pollfd fds[POLLED] = {
        [WAKE_0] = {wake[0], POLLIN, 0},
        [WAKE_1] = {wake[1], POLLIN, 0},
        [TTY] = {reads || writes ? relay->tty : -1,
                 (short)((reads ? POLLIN : 0) | (writes ? POLLOUT : 0)), 0},
        [OWN_STDIN] = {input_hungry(&relay->input) ? STDIN_FILENO : -1, POLLIN, 0},
        [OWN_STDOUT] = {outlet_pending(&relay->out) ? relay->out.fd : -1, POLLOUT, 0},
        [OWN_STDERR] = {outlet_pending(&relay->err) ? relay->err.fd : -1, POLLOUT, 0},
    };

    relay->heard = ready[0] = ready[1] = false;
    if (poll(fds, POLLED, timeout) < 0)
        return; /* EINTR, after we were stopped and continued */
    if (fds[OWN_STDOUT].revents)
        outlet_flush(&relay->out);
    if (fds[OWN_STDERR].revents)
        outlet_flush(&relay->err);
    if (fds[OWN_STDIN].revents)
        input_read(&relay->input);
    if (fds[TTY].revents & POLLOUT)
        write_tty(relay);
    if (fds[TTY].revents & ~POLLOUT)
        read_tty(relay);
    ready[0] = fds[WAKE_0].revents != 0;
    ready[1] = fds[WAKE_1].revents != 0;
}

void ttyrelay_finish(struct ttyrelay *relay) {
    if (relay->tty >= 0)
        close(relay->tty);
    relay->tty = -1;
    relay->input.wanted = false;
    console_end(&relay->console);
    report_end(&relay->report);
}

bool ttyrelay_drained(const struct ttyrelay *relay) {
    return !outlet_pending(&relay->out) && !outlet_pending(&relay->err);
}

void ttyrelay_free(struct ttyrelay *relay) {
    outlet_close(&relay->out);
    outlet_close(&relay->err);
    text_free(&relay->console.lines.partial);
    argv_free(&relay->report.held);
}
