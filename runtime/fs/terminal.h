/* SPDX-License-Identifier: MIT */
/*
 * The console as a terminal: one, whichever descriptor it is used through, in a program
 * that polls descriptors, sets their flags or asks for settings. It begins with the first
 * read, poll or call about its settings; until then atman-run's own terminal (or
 * the one behind `xl console`) is what it was, lines are edited there, and Ctrl-C ends
 * atman-run. From then on keys come here as they are typed, also while nobody reads.
 *
 * Input of a console that is none (config.is_terminal) stays where it is until it is read,
 * but for a few bytes: that they are there tells who polls.
 *
 * There is one process, and nobody who could continue it: VSUSP sends SIGTSTP, whose
 * default is to do nothing (signal/mask.c).
 */
#ifndef ATMAN_FS_TERMINAL_H
#define ATMAN_FS_TERMINAL_H

#include "console/console.h"
#include "fs/discipline.h"
#include "fs/transfer.h"
#include "sched/mutex.h"
#include "sched/ready.h"

/* What a console does that is a terminal. */
struct terminal_ops {
    /*
     * From now on input is taken when it comes. False: this console cannot do that. May be
     * called again; the others only when it is started.
     */
    bool (*start)(void);
    bool (*is_started)(void);

    /*
     * What there is, as the settings have it; waits itself if they say how long (VTIME).
     * -EAGAIN: nothing yet. waits: the descriptor is not O_NONBLOCK.
     */
    long (*read)(struct transfer *to, bool waits);

    /* The program's output; -EAGAIN while the terminal is stopped. -EINTR, -EFAULT. */
    long (*write)(enum console_stream stream, struct transfer *from);

    unsigned (*poll)(void); /* POLL* */

    /* ioctl: all of a terminal's; -ENOTTY. */
    long (*control)(unsigned request, unsigned long argument);

    struct ready *ready; /* what is notified */
};

/* NULL in a program that could not tell a terminal from a plain console. */
extern const struct terminal_ops *terminal_ops;

/* It can from now on: it polls, or asks for settings. */
void terminal_use(void);

/* Is that ioctl about terminals? */
static inline bool terminal_is_request(unsigned long request) {
    return request >> 8 == 0x54;
}

/* The parts of it: terminal_input.c, terminal_output.c, terminal_control.c, terminal.c. */
long terminal_read(struct transfer *to, bool waits);
long terminal_write(enum console_stream stream, struct transfer *from);
long terminal_control(unsigned request, unsigned long argument);
bool terminal_is_started(void);
extern struct ready terminal_ready;

/* terminal.c, for terminal_control: the state, under the lock. */
struct terminal {
    struct lock lock;
    struct discipline discipline;
    bool has_ended;    /* no input will come any more */
    uint8_t held[128]; /* keys that were not looked at yet */
    unsigned held_at, held_size;
    uint8_t shown[64]; /* echo that the console had no room for */
    unsigned shown_at, shown_size;
};

extern struct terminal terminal;

/* Are there keys that were not looked at? Under the lock. */
static inline bool terminal_is_holding(void) {
    return terminal.held_at != terminal.held_size;
}

/* Keys in, echo out, as far as there is room. Under the lock. */
void terminal_move(void);

/* Sends what keys and atman-run have asked for, and tells who waits. Without the lock. */
void terminal_tell(void);

#endif
