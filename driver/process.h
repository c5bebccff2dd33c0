/* SPDX-License-Identifier: MIT */
/*
 * Running other programs. A program is given as a full command line whose first word is its
 * path (see install.h for how to find one); no shell is involved. Exit statuses are mapped
 * in one place, here.
 */
#ifndef ATMAN_DRIVER_PROCESS_H
#define ATMAN_DRIVER_PROCESS_H

#include "argv.h"

#include <sys/types.h>

/* A descriptor of process_start() that the child takes over from this process. */
#define PROCESS_INHERIT (-1)

/* Replaces this process by the program. Returns only on failure, with a negative errno. */
int process_exec(const struct argv *command);

/* Starts the program; fds[0..2] become its descriptors 0..2 (PROCESS_INHERIT: this
 * process's own; the array itself may be NULL: all inherited). Every other descriptor that
 * the child should not see must be close-on-exec. The child has no signal blocked; signals
 * that this process ignores stay ignored, handlers do not. Returns 0 and *pid, or a
 * negative errno (also when the program cannot be executed). SIGCHLD is set to its default
 * here, since an ignored one would lose the child's status. */
int process_start(const struct argv *command, const int fds[3], pid_t *pid);

/* Waits for a child to end; *wait_status gets waitpid()'s status. 0 or a negative errno. */
int process_wait(pid_t pid, int *wait_status);

/* The shell's convention for a waitpid() status: the exit status, or 128 + the signal. */
int process_exit_status(int wait_status);

/* Ends this process the way a child has ended: the same exit status, or the same signal (so
 * that the parent sees what it would have seen without us). Does not return. */
_Noreturn void process_end_like(int wait_status);

/* Runs a program and collects what it writes to stdout; stderr is inherited, stdin is
 * empty. *text is NUL-terminated (the caller frees it) and valid if 0 is returned;
 * *wait_status as above. Returns 0 or a negative errno. */
int process_capture(const struct argv *command, char **text, int *wait_status);

#endif
