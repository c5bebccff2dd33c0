/* SPDX-License-Identifier: MIT */
/*
 * Xen's command-line tools on a Xen host: starting a domain, and what is asked about it
 * afterwards. Each function runs one program and waits for it.
 */
#ifndef ATMAN_RUN_XLTOOL_H
#define ATMAN_RUN_XLTOOL_H

#include "child.h"
#include "xlconfig.h"

#include <stdbool.h>

/* The configuration as a file without a name: a descriptor, or, after a message, -1. */
int xltool_config(const struct xlconfig *config);

/* Starts `xl create`, which makes the domain, leaves it paused, and stays until the domain
 * has shut down. What it says (xltool_line()) comes out of *output, which the caller
 * closes. On failure prints a message and returns false. */
bool xltool_create(struct child *xl, int *output, const struct xlconfig *config);

/* What a line of xl's says. */
struct xltool_news {
    bool made; /* the domain exists now and is paused: its number is valid */
    unsigned domain;
    bool shut_down; /* it has ended: the reason is valid (SHUTDOWN_* in Xen's sched.h) */
    unsigned reason;
};

/* Reads one line of xl's output and adds what it says to the news. */
void xltool_line(struct xltool_news *news, const char *line);

/* Asks a domain to end; it need not. */
void xltool_shutdown(unsigned domain);

/* Lets a paused domain run. False if xl failed; it has printed why. */
bool xltool_unpause(unsigned domain);

/* Ends and removes a domain. */
void xltool_destroy(unsigned domain);

/* The path of the domain's console, which the caller frees, or NULL if it has none yet. */
char *xltool_console(unsigned domain);

/* The status that the program has left in xenstore, 0..255; -1 if there is none. */
int xltool_exit_status(unsigned domain);

/* Xen's log, which the caller frees, or NULL. */
char *xltool_dmesg(void);

/* The value of the first `key = "value"` in what xenstore-ls prints, which the caller
 * frees, or NULL. */
char *xltool_value(const char *listing, const char *key);

#endif
