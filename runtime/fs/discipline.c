/* SPDX-License-Identifier: MIT */
/*
 * Input: what a key does. Invariant: tail <= lines <= head <= tail + DISCIPLINE_QUEUE, in
 * the order of counting; only marks in [tail, lines) are set.
 */
#include "fs/discipline.h"

#include <signal.h>
#include <termios.h>

#include "base/string.h"
#include "fs/discipline_echo.h"

enum { DISABLED = 0 }; /* a character that is none; in the queue: an end of file */

static uint32_t at(uint32_t position) {
    return position % DISCIPLINE_QUEUE;
}

static bool is_marked(const struct discipline *d, uint32_t position) {
    return d->marks[at(position) / 64] >> at(position) % 64 & 1;
}

static void mark(struct discipline *d, uint32_t position) {
    d->marks[at(position) / 64] |= 1ul << at(position) % 64;
}

static void unmark(struct discipline *d, uint32_t position) {
    d->marks[at(position) / 64] &= ~(1ul << at(position) % 64);
}

static bool is_end_of_file(const struct discipline *d, uint32_t position) {
    return is_marked(d, position) && d->queue[at(position)] == DISABLED;
}

static bool is(const struct discipline *d, unsigned which, uint8_t c) {
    return c != DISABLED && c == d->termios.characters[which];
}

static bool has_local(const struct discipline *d, uint32_t flag) {
    return d->termios.local & flag;
}

static bool has_input(const struct discipline *d, uint32_t flag) {
    return d->termios.input & flag;
}

bool discipline_is_canonical(const struct discipline *d) {
    return has_local(d, ICANON);
}

void discipline_init(struct discipline *d) {
    static const struct discipline_termios usual = {
        .input = ICRNL | IXON,
        .output = OPOST | ONLCR,
        .control = B38400 | CS8 | CREAD | HUPCL,
        .local = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
        .characters = {[VINTR] = 3,
                       [VQUIT] = 28,
                       [VERASE] = 127,
                       [VKILL] = 21,
                       [VEOF] = 4,
                       [VMIN] = 1,
                       [VSTART] = 17,
                       [VSTOP] = 19,
                       [VSUSP] = 26,
                       [VREPRINT] = 18,
                       [VDISCARD] = 15,
                       [VWERASE] = 23,
                       [VLNEXT] = 22}};

    memset(d, 0, sizeof *d);
    d->termios = usual;
}

void discipline_flush_input(struct discipline *d) {
    memset(d->marks, 0, sizeof d->marks);
    d->head = d->lines = d->tail = 0;
}

/* What is queued when lines begin to count is a line, whatever its last byte is. */
static void change_mode(struct discipline *d) {
    memset(d->marks, 0, sizeof d->marks);
    d->literal = false;
    d->lines = d->tail;
    if (discipline_is_canonical(d) && d->head != d->tail) {
        mark(d, d->head - 1);
        d->lines = d->head;
    }
}

void discipline_set(struct discipline *d, const struct discipline_termios *termios) {
    struct discipline_termios old = d->termios;

    d->termios = *termios;
    if ((old.local ^ termios->local) & ICANON)
        change_mode(d);
    if (old.input & IXON && !has_input(d, IXON))
        d->stopped = false;
}

void discipline_stop(struct discipline *d, bool stop) {
    d->stopped = stop;
}

uint64_t discipline_signals(struct discipline *d) {
    uint64_t set = d->signals;

    d->signals = 0;
    return set;
}

static void put(struct discipline *d, uint8_t c) {
    d->queue[at(d->head++)] = c;
}

static void echo(struct discipline *d, uint8_t c) {
    if (has_local(d, ECHO)) {
        if (d->lines == d->head)
            d->cursor.line = d->cursor.column;
        echo_key(d, c);
    }
}

static void end_line(struct discipline *d, uint8_t c) {
    mark(d, d->head);
    put(d, c);
    d->lines = d->head;
}

static void restart(struct discipline *d) {
    if (d->stopped && has_input(d, IXON) && has_input(d, IXANY))
        d->stopped = false;
}

static void plain(struct discipline *d, uint8_t c) {
    restart(d);
    echo(d, c);
    put(d, c);
}

static bool is_continuation(const struct discipline *d, uint8_t c) {
    return has_input(d, IUTF8) && (c & 0xc0) == 0x80;
}

static bool is_control(uint8_t c) {
    return c < 0x20 || c == 0x7f;
}

/* As Linux, for which bytes are Latin-1. */
static bool is_word(uint8_t c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           c == '_' || (c >= 0xc0 && c != 0xd7 && c != 0xf7);
}

/* The columns before an erased tab, since the last one or the line's beginning. */
static void erase_tab(struct discipline *d) {
    unsigned columns = d->cursor.line;
    uint32_t from = d->head;

    while (from != d->lines && d->queue[at(from - 1)] != '\t')
        from--;
    if (from != d->lines)
        columns = 0;
    for (; from != d->head; from++) {
        uint8_t c = d->queue[at(from)];
        if (is_control(c))
            columns += has_local(d, ECHOCTL) ? 2 : 0;
        else if (!is_continuation(d, c))
            columns++;
    }
    echo_back(d, 8 - columns % 8);
}

static void show_erased(struct discipline *d, uint8_t c, bool one) {
    if (!has_local(d, ECHO))
        return;
    if (one && !has_local(d, ECHOE)) {
        echo_key(d, d->termios.characters[VERASE]);
    } else if (c == '\t') {
        erase_tab(d);
    } else {
        if (is_control(c) && has_local(d, ECHOCTL))
            echo_erase(d);
        if (!is_control(c) || has_local(d, ECHOCTL))
            echo_erase(d);
    }
}

/* Where the line's last character begins, of one byte or several; head if it is not whole.
 */
static uint32_t last_character(const struct discipline *d) {
    uint32_t from = d->head;

    do
        from--;
    while (is_continuation(d, d->queue[at(from)]) && from != d->lines);
    return is_continuation(d, d->queue[at(from)]) ? d->head : from;
}

enum extent { CHARACTER, WORD, LINE };

static void erase(struct discipline *d, enum extent extent) {
    bool in_word = false;

    while (d->head != d->lines) {
        uint32_t from = last_character(d);
        uint8_t c = d->queue[at(from)];
        if (from == d->head)
            return;
        if (extent == WORD && in_word && !is_word(c))
            return;
        in_word |= is_word(c);
        d->head = from;
        show_erased(d, c, extent == CHARACTER);
        if (extent == CHARACTER)
            return;
    }
}

static void kill_line(struct discipline *d) {
    if (d->head == d->lines)
        return;
    if (has_local(d, ECHO) && has_local(d, ECHOK) && has_local(d, ECHOKE) &&
        has_local(d, ECHOE)) {
        erase(d, LINE);
        return;
    }
    d->head = d->lines;
    if (!has_local(d, ECHO))
        return;
    echo_key(d, d->termios.characters[VKILL]);
    if (has_local(d, ECHOK))
        echo_raw(d, '\n');
}

static void reprint(struct discipline *d) {
    echo_key(d, d->termios.characters[VREPRINT]);
    echo_raw(d, '\n');
    for (uint32_t i = d->lines; i != d->head; i++)
        echo_key(d, d->queue[at(i)]);
}

static void quote_next(struct discipline *d) {
    d->literal = true;
    if (has_local(d, ECHO) && has_local(d, ECHOCTL)) {
        echo_raw(d, '^');
        echo_raw(d, '\b');
    }
}

/* Editing. False: the character is one like others. */
static bool edit(struct discipline *d, uint8_t c) {
    bool extended = has_local(d, IEXTEN);

    if (is(d, VERASE, c))
        erase(d, CHARACTER);
    else if (is(d, VWERASE, c) && (extended || is(d, VKILL, c)))
        erase(d, WORD);
    else if (is(d, VKILL, c))
        kill_line(d);
    else if (extended && is(d, VLNEXT, c))
        quote_next(d);
    else if (extended && is(d, VREPRINT, c) && has_local(d, ECHO))
        reprint(d);
    else
        return false;
    return true;
}

static bool finish_line(struct discipline *d, uint8_t c) {
    if (c == '\n') {
        if (has_local(d, ECHO | ECHONL))
            echo_raw(d, '\n');
    } else if (is(d, VEOF, c)) {
        c = DISABLED;
    } else if (is(d, VEOL, c) || (has_local(d, IEXTEN) && is(d, VEOL2, c))) {
        echo(d, c);
    } else {
        return false;
    }
    end_line(d, c);
    return true;
}

static bool control_flow(struct discipline *d, uint8_t c) {
    if (!has_input(d, IXON))
        return false;
    if (is(d, VSTART, c))
        d->stopped = false;
    else if (is(d, VSTOP, c))
        d->stopped = true;
    else
        return false;
    return true;
}

static bool send_signal(struct discipline *d, uint8_t c) {
    int signal = is(d, VINTR, c)   ? SIGINT
                 : is(d, VQUIT, c) ? SIGQUIT
                 : is(d, VSUSP, c) ? SIGTSTP
                                   : 0;

    if (!signal || !has_local(d, ISIG))
        return false;
    d->signals |= 1ul << (signal - 1);
    if (!has_local(d, NOFLSH)) {
        discipline_flush_input(d);
        echo_flush(d);
    }
    if (has_input(d, IXON))
        d->stopped = false;
    if (has_local(d, ECHO))
        echo_key(d, c);
    return true;
}

/* Are there settings for which c is not a character like others? */
static bool is_special(const struct discipline *d, uint8_t c) {
    static const uint8_t editing[] = {VERASE,  VKILL,  VEOF,  VEOL,
                                      VWERASE, VLNEXT, VEOL2, VREPRINT};

    if (c == '\r' && has_input(d, IGNCR | ICRNL))
        return true;
    if (c == '\n' && (has_input(d, INLCR) || discipline_is_canonical(d)))
        return true;
    for (unsigned i = 0; discipline_is_canonical(d) && i < sizeof editing; i++)
        if (is(d, editing[i], c))
            return true;
    return false;
}

/* A character that neither stops nor interrupts. */
static void take_character(struct discipline *d, uint8_t c) {
    bool special = is_special(d, c);

    if (!special) {
        plain(d, c);
        return;
    }
    restart(d);
    if (c == '\r' && has_input(d, IGNCR))
        return;
    if (c == '\r' && has_input(d, ICRNL))
        c = '\n';
    else if (c == '\n' && has_input(d, INLCR))
        c = '\r';
    if (discipline_is_canonical(d) && (edit(d, c) || finish_line(d, c)))
        return;
    if (c == '\n' && has_local(d, ECHO))
        echo_raw(d, c);
    else
        echo(d, c);
    put(d, c);
}

static void take_key(struct discipline *d, uint8_t c) {
    if (has_input(d, ISTRIP))
        c &= 0x7f;
    if (d->literal) {
        d->literal = false;
        plain(d, c);
    } else if (!control_flow(d, c) && !send_signal(d, c)) {
        take_character(d, c);
    }
}

/*
 * Is one more key to be looked at? If lines count and none is whole, always: or its end
 * could not come.
 */
static bool has_room(const struct discipline *d) {
    return d->head - d->tail < DISCIPLINE_QUEUE - 1 ||
           (discipline_is_canonical(d) && d->lines == d->tail);
}

/* There is always room for a line's end: a character that took it is lost. */
static void trim(struct discipline *d) {
    if (d->head - d->tail == DISCIPLINE_QUEUE && d->lines == d->tail)
        d->head--;
}

size_t discipline_input(struct discipline *d, const void *bytes, size_t size) {
    const uint8_t *key = bytes;
    size_t n = 0;

    for (; n < size && has_room(d); n++) {
        take_key(d, key[n]);
        trim(d);
    }
    return n;
}

bool discipline_readable(const struct discipline *d, size_t least) {
    if (discipline_is_canonical(d))
        return d->lines != d->tail;
    return d->head - d->tail >= (least ? least : 1);
}

size_t discipline_count(const struct discipline *d) {
    size_t n = 0;

    if (!discipline_is_canonical(d))
        return d->head - d->tail;
    for (uint32_t i = d->tail; i != d->lines; i++)
        n += !is_end_of_file(d, i);
    return n;
}

size_t discipline_take(struct discipline *d, void *to, size_t size, bool *ended) {
    bool lines = discipline_is_canonical(d);
    uint32_t end = lines ? d->lines : d->head;
    uint8_t *byte = to;
    size_t n = 0;

    *ended = false;
    while (n < size && d->tail != end && !*ended) {
        if (!lines || !is_end_of_file(d, d->tail))
            byte[n++] = d->queue[at(d->tail)];
        *ended = lines && is_marked(d, d->tail);
        unmark(d, d->tail++);
    }
    return n;
}

void discipline_skip_end(struct discipline *d) {
    if (d->tail != d->lines && is_end_of_file(d, d->tail))
        unmark(d, d->tail++);
}
