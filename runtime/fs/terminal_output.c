/* SPDX-License-Identifier: MIT */
/* What the program writes, on its way to the console. */
#include <errno.h>

#include "fs/terminal.h"

enum { PIECE = 128, SHOWN = 512 };

/* From a piece of the program's to what is shown; -EAGAIN: the terminal is stopped. */
static long convert(const char *piece, size_t *size, char *shown,
                    struct discipline_cursor *before) {
    long n = -EAGAIN;

    lock_take(&terminal.lock);
    terminal_move();
    *before = terminal.discipline.cursor;
    if (!terminal.discipline.stopped)
        n = (long)discipline_output(&terminal.discipline, piece, size, shown, SHOWN);
    lock_drop(&terminal.lock);
    return n;
}

/*
 * A signal came when said bytes were out: how many of the piece's those are. The cursor is
 * where they leave it.
 */
static size_t count_back(const char *piece, size_t size, long said,
                         const struct discipline_cursor *before) {
    char shown[SHOWN];
    size_t done = 0, one = 1;

    lock_take(&terminal.lock);
    terminal.discipline.cursor = *before;
    for (long n = 0; done < size; done++) {
        struct discipline_cursor cursor = terminal.discipline.cursor;
        n += (long)discipline_output(&terminal.discipline, piece + done, &one, shown,
                                     sizeof shown);
        if (n > said) {
            terminal.discipline.cursor = cursor;
            break;
        }
    }
    lock_drop(&terminal.lock);
    return done;
}

static long write_piece(enum console_stream stream, const char *piece, size_t size) {
    struct discipline_cursor before;
    char shown[SHOWN];
    long n = convert(piece, &size, shown, &before);
    long said = n > 0 ? console_write(stream, shown, (size_t)n) : n;

    if (said < 0)
        return said;
    return said < n ? (long)count_back(piece, size, said, &before) : (long)size;
}

long terminal_write(enum console_stream stream, struct transfer *from) {
    char piece[PIECE];
    long done = 0;

    while (from->left) {
        struct transfer before = *from;
        long n = transfer_get(from, piece, sizeof piece);
        if (n > 0) {
            long said = write_piece(stream, piece, (size_t)n);
            if (said != n) {
                *from = before;
                transfer_get(from, piece, said > 0 ? (size_t)said : 0);
            }
            n = said;
        }
        if (n <= 0)
            return done ? done : n;
        done += n;
    }
    return done;
}
