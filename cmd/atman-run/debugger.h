/* SPDX-License-Identifier: MIT */
/*
 * The meeting point with a debugger: a socket in a private folder. A port of the loopback
 * network would be open to every user of the machine, and QEMU's debug stub lets whoever
 * attaches run commands as the user.
 */
#ifndef ATMAN_RUN_DEBUGGER_H
#define ATMAN_RUN_DEBUGGER_H

#include "text.h"

/* Makes the folder and a listening socket in it. Returns the socket (close-on-exec) and its
 * path in *path, which debugger_remove() frees; or prints a message and returns -1. */
int debugger_listen(char **path);

/* Removes socket and folder and frees *path; nothing if it is NULL. */
void debugger_remove(char **path);

/* Appends the command that attaches gdb, with a script of ours (NULL: none), and runs to
 * main, ready for a shell. */
void debugger_command(struct text *text, const char *path, const char *script,
                      const char *image);

#endif
