/* SPDX-License-Identifier: MIT */
/*
 * The console as an open file: /dev/console, /dev/tty, 0, 1 and 2. Which of its streams is
 * the file's word. Until it is a terminal (fs/terminal.c), or if it cannot be one, lines
 * come as the other side has edited them.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>

#include "console/console.h"
#include "console/listen.h"
#include "fs/device.h"
#include "fs/terminal.h"
#include "init/config.h"
#include "pv/access.h"

enum { PIECE = 512 };

const struct terminal_ops *terminal_ops;

/* It is a terminal from here on, if anybody can make it one. */
static const struct terminal_ops *start(void) {
    return terminal_ops && terminal_ops->start() ? terminal_ops : NULL;
}

static const struct terminal_ops *started(void) {
    return terminal_ops && terminal_ops->is_started() ? terminal_ops : NULL;
}

static long read_plain(struct transfer *to, bool waits) {
    char piece[PIECE];
    size_t size = MIN(to->left, sizeof piece);

    if (!size)
        return 0;
    long n = waits ? console_read(piece, size) : console_take(piece, size);
    return n > 0 ? transfer_put(to, piece, (size_t)n) : n;
}

static long read(struct file *file, struct transfer *to, int64_t *position) {
    const struct terminal_ops *ops = start();
    bool waits = !to->no_wait && !(file->flags & O_NONBLOCK);

    (void)position;
    return ops ? ops->read(to, waits) : read_plain(to, waits);
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
    const struct terminal_ops *ops = config.is_terminal ? started() : NULL;

    (void)position;
    return ops ? ops->write(stream, from) : write_plain(stream, from);
}

static unsigned poll_console(struct file *file) {
    const struct terminal_ops *ops = start();

    (void)file;
    return ops ? ops->poll() : POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM;
}

/* What is waited for only if something has said -EAGAIN. */
static struct ready *ready(struct file *file) {
    (void)file;
    return terminal_ops ? terminal_ops->ready : NULL;
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
    if (request == TIOCGWINSZ && !started())
        return window(argument);
    const struct terminal_ops *ops = start();
    return ops ? ops->control(request, argument) : -ENOTTY;
}

const struct file_ops console_ops = {.read = read,
                                     .write = write,
                                     .poll = poll_console,
                                     .ready = ready,
                                     .ioctl = control,
                                     .signals = true};
