/* SPDX-License-Identifier: MIT */
/* What the first call about a terminal's settings makes necessary, and few programs do. */
#include <sys/ioctl.h>

#include "fs/hooks.h"
#include "fs/terminal.h"
#include "init/config.h"
#include "sys/calls.h"

/*
 * A console that is no terminal has nothing to set: the call itself says so. Nor is there
 * anything to be started for the window's size, or what is no terminal's business.
 */
void atman_ioctl_start(long request) {
    if (config.is_terminal && request != TIOCGWINSZ && terminal_is_request(request))
        files_start();
}
