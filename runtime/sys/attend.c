/* SPDX-License-Identifier: MIT */
/*
 * Ctrl-C and the window's size for a program that handles signals and has no terminal of
 * its own (fs/terminal.c): atman-run passes them on.
 */
#include <signal.h>

#include "console/listen.h"
#include "init/config.h"
#include "signal/signal.h"
#include "sys/calls.h"

static void take_news(void) {
    uint64_t set = console_news(&config.terminal_columns, &config.terminal_rows);

    for (; set; set &= set - 1)
        signal_send_process(
            &(struct signal_info){.signal = __builtin_ctzl(set) + 1, .code = SI_KERNEL});
}

void attend(int signal) {
    if (config.is_terminal && (signal == SIGINT || signal == SIGWINCH) &&
        !console_is_heard())
        console_listen(take_news);
}
