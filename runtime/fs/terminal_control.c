/* SPDX-License-Identifier: MIT */
/* ioctl of the terminal. Numbers are Linux's (asm-generic/ioctls.h, ioctl_tty(2)). */
#include <errno.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "console/listen.h"
#include "fs/terminal.h"
#include "init/config.h"
#include "pv/access.h"

enum { THE_PROCESS = 1, N_TTY_LINE = 0 };

static long put_int(unsigned long argument, int value) {
    return user_write((void *)argument, &value, sizeof value);
}

static long get_settings(unsigned long argument) {
    lock_take(&terminal.lock);
    struct discipline_termios settings = terminal.discipline.termios;
    lock_drop(&terminal.lock);
    return user_write((void *)argument, &settings, sizeof settings);
}

static long set_settings(unsigned long argument, bool flush) {
    struct discipline_termios settings;
    long error = user_read(&settings, (const void *)argument, sizeof settings);

    if (error)
        return error;
    lock_take(&terminal.lock);
    if (flush) {
        terminal_move();
        discipline_flush_input(&terminal.discipline);
    }
    discipline_set(&terminal.discipline, &settings);
    terminal_move();
    lock_drop(&terminal.lock);
    terminal_tell();
    return 0;
}

static long get_window(unsigned long argument) {
    lock_take(&terminal.lock);
    struct winsize size = {.ws_row = config.terminal_rows,
                           .ws_col = config.terminal_columns};
    lock_drop(&terminal.lock);
    return user_write((void *)argument, &size, sizeof size);
}

/* SIGWINCH if it is another one. */
static long set_window(unsigned long argument) {
    struct winsize size;
    long error = user_read(&size, (const void *)argument, sizeof size);

    if (error)
        return error;
    lock_take(&terminal.lock);
    if (size.ws_row != config.terminal_rows || size.ws_col != config.terminal_columns)
        terminal.discipline.signals |= 1ul << (SIGWINCH - 1);
    config.terminal_rows = size.ws_row;
    config.terminal_columns = size.ws_col;
    lock_drop(&terminal.lock);
    terminal_tell();
    return 0;
}

static long flush(unsigned long which) {
    if (which > TCIOFLUSH)
        return -EINVAL;
    lock_take(&terminal.lock);
    if (which != TCOFLUSH) {
        terminal_move();
        discipline_flush_input(&terminal.discipline);
        terminal_move();
    }
    lock_drop(&terminal.lock);
    return 0;
}

/* TCIOFF and TCION would send the other side its stop and start characters. */
static long control_flow(unsigned long which) {
    if (which > TCION)
        return -EINVAL;
    lock_take(&terminal.lock);
    if (which == TCOOFF || which == TCOON)
        discipline_stop(&terminal.discipline, which == TCOOFF);
    terminal_move();
    lock_drop(&terminal.lock);
    terminal_tell();
    return 0;
}

static long set_group(unsigned long argument) {
    int group;
    long error = user_read(&group, (const void *)argument, sizeof group);

    if (error)
        return error;
    return group < 0 ? -EINVAL : group == THE_PROCESS ? 0 : -ESRCH;
}

static long count(unsigned long argument) {
    lock_take(&terminal.lock);
    size_t n = config.is_terminal ? discipline_count(&terminal.discipline)
                                  : terminal.held_size - terminal.held_at;
    lock_drop(&terminal.lock);
    return put_int(argument, (int)n);
}

long terminal_control(unsigned request, unsigned long argument) {
    switch (request) {
    case TCGETS:
        return get_settings(argument);
    case TCSETS:
    case TCSETSW: /* output is the console's as soon as it is written */
    case TCSETSF:
        return set_settings(argument, request == TCSETSF);
    case TIOCGWINSZ:
        return get_window(argument);
    case TIOCSWINSZ:
        return set_window(argument);
    case TCFLSH:
        return flush(argument);
    case TCXONC:
        return control_flow(argument);
    case TIOCGPGRP:
    case TIOCGSID:
        return put_int(argument, THE_PROCESS);
    case TIOCSPGRP:
        return set_group(argument);
    case FIONREAD:
        return count(argument);
    case TIOCOUTQ:
        return put_int(argument, 0);
    case TIOCGETD:
        return put_int(argument, N_TTY_LINE);
    case TCSBRK:
    case TCSBRKP:
    case TIOCSCTTY:
    case TIOCNOTTY:
    case TIOCEXCL:
    case TIOCNXCL:
        return 0;
    case TIOCSTI:
        return -EIO;
    default:
        return -ENOTTY;
    }
}
