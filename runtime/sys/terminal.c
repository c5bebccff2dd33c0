/* SPDX-License-Identifier: MIT */
/* What the first ioctl or fcntl of some kinds makes necessary, and few programs do. */
#include <fcntl.h>
#include <sys/ioctl.h>

#include "fs/async.h"
#include "fs/hooks.h"
#include "fs/locks.h"
#include "fs/terminal.h"
#include "init/config.h"
#include "sys/calls.h"

/*
 * A console that is no terminal has nothing to set: the call itself says so. Nor is there
 * anything to be started for the window's size, or what is no terminal's business.
 */
void atman_ioctl_start(long request) {
    if (!terminal_is_request(request))
        return;
    terminal_use();
    async_use();
    if (config.is_terminal && request != TIOCGWINSZ)
        files_start();
}

/* Flags that are set may be O_NONBLOCK, of a terminal, or O_ASYNC; locks may be waited for.
 */
void atman_fcntl_start(long command) {
    if (command == F_SETFL)
        terminal_use();
    async_use();
    locks_use();
}
