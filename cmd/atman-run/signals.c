/* SPDX-License-Identifier: MIT */
/*
 * Signals as something that can be polled: see signals.h. SIGPIPE is blocked, not ignored:
 * writes fail with EPIPE all the same, and no child inherits an ignored signal.
 */
#include "signals.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* The first of those that are asked for end us. */
enum { OF_ENDS = 4 };

int signals_open(bool terminal) {
    static const int asked[] = {SIGINT,   SIGTERM, SIGHUP, SIGQUIT,
                                SIGWINCH, SIGTSTP, SIGCONT};
    size_t count = terminal ? sizeof asked / sizeof *asked : OF_ENDS;
    sigset_t ending, blocked;
    int fd;

    sigemptyset(&ending);
    for (size_t i = 0; i < count; i++) {
        struct sigaction action;

        /* nohup, or a shell without job control that put us in the background. */
        if (sigaction(asked[i], NULL, &action) == 0 && action.sa_handler == SIG_IGN)
            continue;
        sigaddset(&ending, asked[i]);
    }
    blocked = ending;
    sigaddset(&blocked, SIGPIPE);
    if (sigprocmask(SIG_BLOCK, &blocked, NULL) < 0)
        return -errno;
    fd = signalfd(-1, &ending, SFD_CLOEXEC | SFD_NONBLOCK);
    return fd < 0 ? -errno : fd;
}

int signals_next(int fd) {
    struct signalfd_siginfo info;

    return read(fd, &info, sizeof info) == sizeof info ? (int)info.ssi_signo : 0;
}
