/* SPDX-License-Identifier: MIT */
/*
 * Our own terminal: see hostterm.h. SIGTTOU is blocked around changes, or one in the
 * background would stop us.
 */
#include "hostterm.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static struct termios before;
static bool is_raw;

bool hostterm_is_there(void) {
    return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

uint32_t hostterm_window(void) {
    struct winsize size = {0};

    ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
    return (uint32_t)(size.ws_col ? size.ws_col : 80) << 16 |
           (size.ws_row ? size.ws_row : 24);
}

static bool set(const struct termios *settings) {
    sigset_t stop, old;
    bool ok;

    sigemptyset(&stop);
    sigaddset(&stop, SIGTTOU);
    sigprocmask(SIG_BLOCK, &stop, &old);
    ok = tcsetattr(STDIN_FILENO, TCSANOW, settings) == 0;
    sigprocmask(SIG_SETMASK, &old, NULL);
    return ok;
}

static bool in_foreground(void) {
    return tcgetpgrp(STDIN_FILENO) == getpgrp();
}

static bool make_raw(void) {
    struct termios raw = before;

    cfmakeraw(&raw);
    return set(&raw);
}

bool hostterm_raw(void) {
    static bool registered;

    if (is_raw)
        return true;
    if (!hostterm_is_there() || tcgetattr(STDIN_FILENO, &before) < 0)
        return false;
    if (!registered)
        atexit(hostterm_restore);
    registered = true;
    is_raw = true;
    return !in_foreground() || make_raw();
}

bool hostterm_is_raw(void) {
    return is_raw;
}

void hostterm_restore(void) {
    if (is_raw && in_foreground())
        set(&before);
    is_raw = false;
}

void hostterm_stop(void) {
    if (is_raw && in_foreground())
        set(&before);
    kill(getpid(), SIGSTOP);
    hostterm_continue();
}

void hostterm_continue(void) {
    if (is_raw && in_foreground())
        make_raw();
}
