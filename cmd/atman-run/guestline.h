/* SPDX-License-Identifier: MIT */
/*
 * The guest's command line: `atman.` words for the runtime, `--`, the program's arguments,
 * in one line that the runtime splits again. Its rules: white space separates words; inside
 * '...' everything stands for itself; inside "..." a backslash escapes " and \; outside
 * quotes it escapes the next character.
 */
#ifndef ATMAN_RUN_GUESTLINE_H
#define ATMAN_RUN_GUESTLINE_H

#include "text.h"

#include <stdbool.h>

/* Xen gives a PV domain at most this many bytes, and drops the rest in silence. */
#define GUESTLINE_MAX 1023

/* What a line is made of. Words that are NULL, 0 or false are left out. */
struct guestline {
    const char *name;       /* argv[0] */
    const char *cwd;        /* the program's working folder */
    const char *zone;       /* its time zone */
    const char *host;       /* its host's name */
    char *const *ips;       /* what atman.ip says, NULL-terminated; may be NULL */
    const char *log;        /* how much the runtime logs: error, warn, info, debug */
    const char *trace;      /* system calls to print */
    const char *summary;    /* system calls to count */
    bool ports;             /* the image may use our QEMU's devices */
    bool joined;            /* standard error and output are one file */
    bool relayed;           /* we read control lines on the console */
    int columns, rows;      /* of the terminal that stdin and stdout are */
    char *const *variables; /* NAME=value ..., NULL-terminated; may be NULL */
    char *const *arguments; /* argv[1] ..., NULL-terminated */
};

/* Appends the line. Whether it is short enough is for the caller to see. */
void guestline_write(struct text *text, const struct guestline *line);

#endif
