/* SPDX-License-Identifier: MIT */
/* The console as an open file: which of its streams is the file's word. */
#include <errno.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "console/console.h"
#include "fs/device.h"
#include "init/config.h"
#include "pv/access.h"

enum { PIECE = 512 };

static long read(struct file *file, struct transfer *to, int64_t *position) {
    (void)file;
    (void)position;
    while (to->left && !to->here) /* a part that is empty */
        transfer_zero(to, 0);
    if (!to->left)
        return 0;
    long n = console_read(to->at, to->here);
    return n;
}

static long write(struct file *file, struct transfer *from, int64_t *position) {
    char piece[PIECE];
    long done = 0;

    (void)position;
    while (from->left) {
        long n = transfer_get(from, piece, sizeof piece);
        long said =
            n > 0 ? console_write((enum console_stream)file->word, piece, (size_t)n) : n;
        if (said < 0)
            return done ? done : said;
        done += said;
        if (said < n)
            break;
    }
    return done;
}

static long control(struct file *file, unsigned request, unsigned long argument) {
    (void)file;
    if (request != TIOCGWINSZ || !config.is_terminal)
        return -ENOTTY;
    struct winsize size = {.ws_row = config.terminal_rows,
                           .ws_col = config.terminal_columns};
    return user_write((void *)argument, &size, sizeof size);
}

const struct file_ops console_ops = {.read = read, .write = write, .ioctl = control};
