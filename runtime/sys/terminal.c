/* SPDX-License-Identifier: MIT */
/* What the first call about a terminal's settings makes necessary, and few programs do. */
#include "fs/hooks.h"
#include "init/config.h"
#include "sys/calls.h"

/* A console that is no terminal has nothing to set: the call itself says so. */
void atman_ioctl_start(void) {
    if (config.is_terminal)
        files_start();
}
