/* SPDX-License-Identifier: MIT */
/* What the program reads of a terminal, and how long it waits for it. */
#include <errno.h>
#include <termios.h>

#include "base/string.h"
#include "console/listen.h"
#include "fs/terminal.h"
#include "init/config.h"
#include "xen/time.h"

enum { PIECE = 128, PLAIN_PIECE = 1024, TENTH_NS = NS_PER_SEC / 10 };

/* One piece of what there is; 0 if that was all. *ended: of a line. */
static long take_piece(struct transfer *to, bool *ended) {
    uint8_t piece[PIECE];

    lock_take(&terminal.lock);
    size_t n =
        discipline_take(&terminal.discipline, piece, MIN(to->left, sizeof piece), ended);
    if (discipline_is_canonical(&terminal.discipline) && !*ended && n == to->left)
        discipline_skip_end(&terminal.discipline);
    terminal_move();
    lock_drop(&terminal.lock);
    return n ? transfer_put(to, piece, n) : 0;
}

static long take(struct transfer *to) {
    bool ended = false;
    long done = 0;

    while (to->left && !ended) {
        long n = take_piece(to, &ended);
        if (n < 0)
            return done ? done : n;
        if (!n)
            break;
        done += n;
    }
    terminal_tell();
    return done;
}

/* How many bytes a read waits for, and for how long (ns; 0: for ever). */
static size_t patience(size_t size, uint64_t *wait) {
    const struct discipline *d = &terminal.discipline;
    size_t least = d->termios.characters[VMIN];

    *wait = 0;
    if (discipline_is_canonical(d))
        return 1;
    *wait = d->termios.characters[VTIME] * (uint64_t)TENTH_NS;
    return MIN(least, size);
}

/*
 * Waits until `least` bytes are there, the time is over, which begins with the first byte
 * unless none need come, or there is nothing to wait for. 0: read what is there.
 */
static long wait_for(size_t least, uint64_t wait) {
    uint64_t end = least ? 0 : xen_time_system() + wait;
    size_t count = 0;

    for (;;) {
        uint32_t seen = ready_seen(&terminal_ready);
        size_t n = discipline_count(&terminal.discipline);
        if (terminal.has_ended || n >= (least ? least : 1) ||
            discipline_is_canonical(&terminal.discipline))
            return 0;
        if (least && n == 0)
            return -EAGAIN;
        if (n != count)
            end = xen_time_system() + wait;
        count = n;
        long error = ready_wait(&terminal_ready, seen, end, true);
        if (error)
            return error == -ETIMEDOUT ? 0 : error;
    }
}

/* Of no terminal: what is held, or what is there. */
static long take_plain(struct transfer *to) {
    char piece[PLAIN_PIECE];
    long n;

    lock_take(&terminal.lock);
    if (terminal_is_holding()) {
        n = (long)MIN(to->left, terminal.held_size - terminal.held_at);
        memcpy(piece, terminal.held + terminal.held_at, (size_t)n);
        terminal.held_at += (unsigned)n;
    } else {
        n = terminal.has_ended ? 0 : console_take(piece, MIN(to->left, sizeof piece));
        terminal.has_ended |= n == 0;
    }
    lock_drop(&terminal.lock);
    return n > 0 ? transfer_put(to, piece, (size_t)n) : n;
}

static long read_plain(struct transfer *to) {
    long done = 0;

    while (to->left) {
        long n = take_plain(to);
        if (n <= 0)
            return done ? done : n;
        done += n;
    }
    return done;
}

long terminal_read(struct transfer *to, bool waits) {
    uint64_t wait;
    size_t least = patience(to->left, &wait);
    bool there = discipline_readable(&terminal.discipline, waits ? least : 1);

    if (!to->left)
        return 0;
    if (!config.is_terminal)
        return read_plain(to);
    if (!there && !terminal.has_ended) {
        if (!waits)
            return least || wait ? -EAGAIN : 0;
        if (!least && !wait)
            return 0;
        if (!wait)
            return -EAGAIN;
        long error = wait_for(least, wait);
        if (error)
            return error;
    }
    return take(to);
}
