/* SPDX-License-Identifier: MIT */
/* Keys and echo, and what comes of them: see terminal.h. */
#include "fs/terminal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <termios.h>

#include "console/listen.h"
#include "init/config.h"
#include "sched/hooks.h"
#include "signal/signal.h"
#include "xen/time.h"

enum { PIECE = 128, TENTH_NS = NS_PER_SEC / 10 };

struct terminal terminal = {.lock = LOCK_INIT(LOCK_OBJECT)};
struct ready terminal_ready = {.lock = LOCK_INIT(LOCK_READY)};

static void show_echo(void) {
    struct terminal *t = &terminal;

    for (;;) {
        if (t->shown_at == t->shown_size) {
            t->shown_at = 0;
            t->shown_size =
                (unsigned)discipline_echo(&t->discipline, t->shown, sizeof t->shown);
        }
        if (!t->shown_size)
            return;
        long n =
            console_show((const char *)t->shown + t->shown_at, t->shown_size - t->shown_at);
        if (n <= 0)
            return;
        t->shown_at += (unsigned)n;
    }
}

/* More keys, if all before are taken. False: there are none. */
static bool fetch(void) {
    struct terminal *t = &terminal;
    long n = t->has_ended ? 0 : console_take((char *)t->held, sizeof t->held);

    t->has_ended |= n == 0;
    t->held_at = 0;
    t->held_size = n > 0 ? (unsigned)n : 0;
    return t->held_size;
}

/* A key at a time, so that echo is not lost. */
void terminal_move(void) {
    struct terminal *t = &terminal;

    show_echo();
    while (t->held_at != t->held_size || fetch()) {
        if (!discipline_input(&t->discipline, t->held + t->held_at, 1))
            return;
        t->held_at++;
        show_echo();
    }
}

static uint64_t take_signals(void) {
    return console_news(&config.terminal_columns, &config.terminal_rows) |
           discipline_signals(&terminal.discipline);
}

void terminal_tell(void) {
    lock_take(&terminal.lock);
    uint64_t set = take_signals();
    lock_drop(&terminal.lock);
    for (; set; set &= set - 1)
        signal_send_process(
            &(struct signal_info){.signal = __builtin_ctzl(set) + 1, .code = SI_KERNEL});
    ready_notify(&terminal_ready, terminal_poll());
}

/* The console says that there is something, in a kernel entry. */
static void notice(void) {
    lock_take(&terminal.lock);
    terminal_move();
    lock_drop(&terminal.lock);
    terminal_tell();
}

/* What is no terminal changes nothing. */
static void set_up(void) {
    static const struct discipline_termios plain = {.characters = {[VMIN] = 1}};

    discipline_init(&terminal.discipline);
    if (!config.is_terminal)
        discipline_set(&terminal.discipline, &plain);
}

static enum { NEW, TRIED, STARTED } state;

bool terminal_is_started(void) {
    return state == STARTED;
}

bool terminal_start(void) {
    if (state != NEW)
        return terminal_is_started();
    signal_start();
    set_up();
    state = console_listen(notice) ? STARTED : TRIED;
    if (!terminal_is_started())
        return false;
    if (config.is_terminal)
        console_say_terminal();
    events_off(); /* as in a kernel entry */
    notice();
    events_on();
    return true;
}

unsigned terminal_poll(void) {
    const struct discipline *d = &terminal.discipline;
    const uint8_t *c = d->termios.characters;
    unsigned events = 0;

    lock_take(&terminal.lock);
    if (discipline_readable(d, c[VTIME] ? 1 : c[VMIN]) || terminal.has_ended)
        events |= POLLIN | POLLRDNORM;
    if (terminal.has_ended)
        events |= POLLHUP;
    if (!d->stopped)
        events |= POLLOUT | POLLWRNORM;
    lock_drop(&terminal.lock);
    return events;
}

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

long terminal_read(struct transfer *to, bool waits) {
    uint64_t wait;
    size_t least = patience(to->left, &wait);
    bool there = discipline_readable(&terminal.discipline, waits ? least : 1);

    if (!to->left)
        return 0;
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
