/* SPDX-License-Identifier: MIT */
/*
 * The console as an open file: /dev/console, /dev/tty, 0, 1 and 2. Which of its streams is
 * the file's word. What it does as a terminal is fs/terminal.c's.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "console/console.h"
#include "fs/device.h"
#include "fs/terminal.h"
#include "init/config.h"
#include "pv/access.h"

enum { PIECE = 512 };

/* A console that cannot tell when there is something. */
static long read_plain(struct transfer *to) {
    char piece[PIECE];

    if (!to->left)
        return 0;
    long n = console_read(piece, MIN(to->left, sizeof piece));
    return n > 0 ? transfer_put(to, piece, (size_t)n) : n;
}

static long read(struct file *file, struct transfer *to, int64_t *position) {
    (void)position;
    return terminal_start() ? terminal_read(to, !(file->flags & O_NONBLOCK))
                            : read_plain(to);
}

static long write_plain(enum console_stream stream, struct transfer *from) {
    char piece[PIECE];
    long done = 0;

    while (from->left) {
        long n = transfer_get(from, piece, sizeof piece);
        long said = n > 0 ? console_write(stream, piece, (size_t)n) : n;
        if (said < 0)
            return done ? done : said;
        done += said;
        if (said < n)
            break;
    }
    return done;
}

static long write(struct file *file, struct transfer *from, int64_t *position) {
    enum console_stream stream = (enum console_stream)file->word;

    (void)position;
    return config.is_terminal && terminal_is_started() ? terminal_write(stream, from)
                                                       : write_plain(stream, from);
}

static unsigned poll_console(struct file *file) {
    (void)file;
    return terminal_start() ? terminal_poll() : POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM;
}

static struct ready *ready(struct file *file) {
    (void)file;
    return &terminal_ready; /* waited for only if something has said -EAGAIN */
}

static long window(unsigned long argument) {
    struct winsize size = {.ws_row = config.terminal_rows,
                           .ws_col = config.terminal_columns};

    return user_write((void *)argument, &size, sizeof size);
}

static long control(struct file *file, unsigned request, unsigned long argument) {
    (void)file;
    if (!terminal_is_request(request) || (!config.is_terminal && request != FIONREAD))
        return -ENOTTY;
    if (request == TIOCGWINSZ && !terminal_is_started())
        return window(argument);
    return terminal_start() ? terminal_control(request, argument) : -ENOTTY;
}

const struct file_ops console_ops = {
    .read = read, .write = write, .poll = poll_console, .ready = ready, .ioctl = control};
