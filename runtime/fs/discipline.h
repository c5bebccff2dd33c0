/* SPDX-License-Identifier: MIT */
/*
 * What a terminal does to characters between the keyboard, the program and the screen:
 * line editing, echo, signals, flow control; as Linux's N_TTY (termios(3)). Pure: it waits
 * for nothing, takes no locks and gives what comes of a key as bytes to echo
 * (discipline_echo), signals (discipline_signals) and input that is ready.
 *
 * Not there: ECHOPRT, PARMRK, IUCLC, OLCUC, EXTPROC, delays but XTABS; they may be set and
 * have no effect.
 */
#ifndef ATMAN_FS_DISCIPLINE_H
#define ATMAN_FS_DISCIPLINE_H

#include "base.h"

enum {
    DISCIPLINE_QUEUE = 4096, /* bytes of input; a line has one less, and its end */
    DISCIPLINE_ECHO = 1024,  /* bytes of echo that wait for the screen; others are lost */
    DISCIPLINE_CHARACTERS = 19,
};

/* The layout of the calls TCGETS and TCSETS (asm-generic/termbits.h, struct termios). */
struct discipline_termios {
    uint32_t input, output, control, local; /* c_iflag … */
    uint8_t line;
    uint8_t characters[DISCIPLINE_CHARACTERS]; /* c_cc */
};

/*
 * head, lines, tail count bytes: what was put in, whole lines of it, what was read. A mark
 * says that a byte ends a line; if that byte is 0, it is an end of file and is not read.
 */
struct discipline {
    struct discipline_termios termios;
    uint32_t head, lines, tail;
    uint32_t echo_head, echo_tail;
    /* Where the screen's cursor is, and where it was when the line began; after all echo,
     * and after what of it was shown when there was no other. */
    struct discipline_cursor {
        unsigned column, line;
    } cursor, shown;
    bool literal;     /* VLNEXT came: the next one means itself */
    bool stopped;     /* VSTOP came: nothing is to be shown */
    uint64_t signals; /* bit n - 1: signal n is to be sent */
    uint64_t marks[DISCIPLINE_QUEUE / 64];
    uint8_t queue[DISCIPLINE_QUEUE];
    uint8_t echo[DISCIPLINE_ECHO];
};

/* The settings of a new terminal, and nothing in it. */
void discipline_init(struct discipline *d);

/* What there is to be read remains, also if lines become single bytes or the reverse. */
void discipline_set(struct discipline *d, const struct discipline_termios *termios);

/* Keys: how many of them were taken. The others must be kept until something was read. */
size_t discipline_input(struct discipline *d, const void *bytes, size_t size);

/* What has not been read is forgotten. */
void discipline_flush_input(struct discipline *d);

/* What the program writes may go to the screen again, or (stop) not. */
void discipline_stop(struct discipline *d, bool stop);

/* Takes the signals that keys have asked for. */
uint64_t discipline_signals(struct discipline *d);

/* Takes bytes to show, as many as there are (0 while stopped). */
size_t discipline_echo(struct discipline *d, void *to, size_t room);

/*
 * Turns the program's output into what is shown: consumes up to *size bytes and says in
 * *size how many it did; returns how many are in to. At least 8 bytes of room are needed to
 * go on. Does not look at `stopped`.
 */
size_t discipline_output(struct discipline *d, const void *bytes, size_t *size, void *to,
                         size_t room);

/* Can a read return at once: a line, or at least so many bytes if it is not about lines? */
bool discipline_readable(const struct discipline *d, size_t least);

/* How many bytes a read could get (FIONREAD). */
size_t discipline_count(const struct discipline *d);

/*
 * Reads up to size bytes, of one line at most. *ended: that line's end is among them, or
 * was the end of file, which is no byte.
 */
size_t discipline_take(struct discipline *d, void *to, size_t size, bool *ended);

/* An end of file that follows what was read with its buffer just full is not another one.
 */
void discipline_skip_end(struct discipline *d);

/* Is it about lines? */
bool discipline_is_canonical(const struct discipline *d);

#endif
