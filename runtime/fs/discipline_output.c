/* SPDX-License-Identifier: MIT */
/* Output: what is shown of the program's bytes and of keys. */
#include <termios.h>

#include "fs/discipline.h"
#include "fs/discipline_echo.h"

enum { WIDEST = 8 }; /* a byte becomes at most a tab's spaces */

static bool has_output(const struct discipline *d, uint32_t flag) {
    return d->termios.output & flag;
}

static unsigned put_tab(struct discipline *d, uint8_t *to) {
    unsigned columns = 8 - d->cursor.column % 8;

    d->cursor.column += columns;
    if ((d->termios.output & TABDLY) != XTABS) {
        *to = '\t';
        return 1;
    }
    for (unsigned i = 0; i < columns; i++)
        to[i] = ' ';
    return columns;
}

static unsigned put_return(struct discipline *d, uint8_t *to) {
    if (has_output(d, ONOCR) && !d->cursor.column)
        return 0;
    *to = '\r';
    if (has_output(d, OCRNL)) {
        *to = '\n';
        if (!has_output(d, ONLRET))
            return 1;
    }
    d->cursor.line = d->cursor.column = 0;
    return 1;
}

static unsigned put_newline(struct discipline *d, uint8_t *to) {
    bool both = has_output(d, ONLCR);

    if (both || has_output(d, ONLRET))
        d->cursor.column = 0;
    d->cursor.line = d->cursor.column;
    if (both)
        *to++ = '\r';
    *to = '\n';
    return both + 1u;
}

/* c as it is shown: up to WIDEST bytes; how many. */
static unsigned put_output(struct discipline *d, uint8_t c, uint8_t *to) {
    if (!has_output(d, OPOST)) {
        *to = c;
        return 1;
    }
    switch (c) {
    case '\n':
        return put_newline(d, to);
    case '\r':
        return put_return(d, to);
    case '\t':
        return put_tab(d, to);
    case '\b':
        d->cursor.column -= d->cursor.column > 0;
        break;
    default:
        if (c >= 0x20 && c != 0x7f && !(d->termios.input & IUTF8 && (c & 0xc0) == 0x80))
            d->cursor.column++;
    }
    *to = c;
    return 1;
}

size_t discipline_output(struct discipline *d, const void *bytes, size_t *size, void *to,
                         size_t room) {
    const uint8_t *byte = bytes;
    uint8_t *at = to;
    size_t done = 0, n = 0;

    for (; done < *size && room - n >= WIDEST; done++)
        n += put_output(d, byte[done], at + n);
    d->shown = d->cursor;
    *size = done;
    return n;
}

static void show(struct discipline *d, const uint8_t *bytes, unsigned size) {
    for (unsigned i = 0; i < size; i++)
        if (d->echo_head - d->echo_tail < DISCIPLINE_ECHO)
            d->echo[d->echo_head++ % DISCIPLINE_ECHO] = bytes[i];
}

void echo_raw(struct discipline *d, uint8_t c) {
    uint8_t shown[WIDEST];

    show(d, shown, put_output(d, c, shown));
}

void echo_key(struct discipline *d, uint8_t c) {
    bool control = c < 0x20 || c == 0x7f;

    if (c == 0xff) { /* Linux's own mark in its echo: never output's business */
        d->cursor.column++;
        show(d, &c, 1);
    } else if (control && c != '\t' && d->termios.local & ECHOCTL) {
        d->cursor.column += 2;
        show(d, (uint8_t[]){'^', c ^ 0100}, 2);
    } else {
        echo_raw(d, c);
    }
}

void echo_erase(struct discipline *d) {
    echo_raw(d, '\b');
    echo_raw(d, ' ');
    echo_raw(d, '\b');
}

void echo_back(struct discipline *d, unsigned columns) {
    for (; columns; columns--) {
        d->cursor.column -= d->cursor.column > 0;
        show(d, &(uint8_t){'\b'}, 1);
    }
}

void echo_flush(struct discipline *d) {
    if (d->echo_tail == d->echo_head)
        return;
    d->echo_tail = d->echo_head;
    d->cursor = d->shown;
}

size_t discipline_echo(struct discipline *d, void *to, size_t room) {
    uint8_t *at = to;
    size_t n = 0;

    while (!d->stopped && n < room && d->echo_tail != d->echo_head)
        at[n++] = d->echo[d->echo_tail++ % DISCIPLINE_ECHO];
    if (d->echo_tail == d->echo_head)
        d->shown = d->cursor;
    return n;
}
