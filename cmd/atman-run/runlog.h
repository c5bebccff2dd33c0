/* SPDX-License-Identifier: MIT */
/*
 * The runtime's log channel: text lines for people and control lines for us. A control line
 * begins with byte 1:
 *     \x01 exit N       the program has ended with status N (0..255)
 *     \x01 stdin        the program wants to read: input may be sent from now on
 *     \x01 attend       it takes news (rings_abi.h): signals, a window's new size
 *     \x01 terminal     it does a terminal's work itself, and wants keys as they are
 *     \x01 ring ADDR    the shared rings (rings.h) are at this machine address, in hex
 * (without the space after \x01). Byte 2 anywhere is the rings' doorbell; it is no part of
 * any line. An unknown control line is ignored, so that an older atman-run can boot a newer
 * image.
 */
#ifndef ATMAN_RUN_RUNLOG_H
#define ATMAN_RUN_RUNLOG_H

#include "lines.h"

#include <stdbool.h>
#include <stdint.h>

#define RUNLOG_CONTROL '\x01'
#define RUNLOG_DOORBELL '\x02'

struct runlog {
    struct lines lines;
    /* Takes the text lines. */
    void (*text)(void *context, const char *line);
    void *context;
    /* What control lines have said so far. The first exit line counts. */
    bool exited;
    int status;
    bool wants_input;
    bool attends;
    bool is_terminal;
    bool has_ring;
    uint64_t ring;
};

/* Makes an empty log that hands its text lines to text(context, line). */
void runlog_init(struct runlog *log, void (*text)(void *context, const char *line),
                 void *context);

/* Feeds bytes from the channel. */
void runlog_feed(struct runlog *log, const char *bytes, size_t length);

/* Hands out a last line without an end, and frees the buffer. */
void runlog_end(struct runlog *log);

#endif
