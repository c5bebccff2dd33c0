/* SPDX-License-Identifier: MIT */
/*
 * A program that must not outlive us and must not hear the terminal's signals: QEMU, xl.
 * (Programs that simply run to their end are process.h's.)
 */
#ifndef ATMAN_RUN_CHILD_H
#define ATMAN_RUN_CHILD_H

#include "argv.h"

#include <stdbool.h>
#include <sys/types.h>

struct child {
    pid_t pid;  /* 0: none */
    int pidfd;  /* readable when it has ended */
    int status; /* waitpid()'s, after child_reap() */
};

/* Starts the program in a process group of its own, with fds[0..2] as its descriptors 0..2
 * and all others that are not close-on-exec. The kernel kills it when this process ends,
 * however that happens. Returns 0 or a negative errno, also when it cannot be executed. */
int child_start(struct child *child, const struct argv *command, const int fds[3]);

/* Kills it (SIGKILL); nothing if there is none or it was reaped. */
void child_kill(const struct child *child);

/* Waits for its end, if it was started and not reaped yet, and closes pidfd. */
void child_reap(struct child *child);

/* Is there one that was not reaped? */
bool child_exists(const struct child *child);

#endif
