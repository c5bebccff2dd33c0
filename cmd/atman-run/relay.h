/* SPDX-License-Identifier: MIT */
/*
 * Moves bytes between a guest in a bed and our stdin, stdout and stderr, and collects what
 * the runtime's and Xen's logs say. It decides nothing: session.c reads what came in.
 *
 * Invariant: nothing is read from the guest that has no room here, so a slow reader of
 * ours stops the guest and costs no memory.
 */
#ifndef ATMAN_RUN_RELAY_H
#define ATMAN_RUN_RELAY_H

#include "bed.h"
#include "input.h"
#include "outlet.h"
#include "port.h"
#include "report.h"
#include "rings.h"
#include "runlog.h"
#include "xenlog.h"

struct relay {
    struct bed *bed;
    bool verbose;
    struct outlet out, err;
    struct input input;
    struct port port;
    struct rings rings;
    struct runlog log;     /* what the runtime says: exit status and wishes */
    struct xenlog xen;     /* what Xen says */
    struct report report;  /* crash reports on their way to err */
    struct text noise;     /* the first lines that QEMU itself printed */
    bool said;             /* how to leave the guest */
    bool closed;           /* the guest was told of the input's end */
    bool attended;         /* the guest was told of the window's size */
    const char *violation; /* how the guest broke the rings' protocol, or NULL */
};

/* Prepares a relay for a started bed. kernel is the image's path; it and bed are kept. The
 * relay must not be moved afterwards. */
void relay_start(struct relay *relay, struct bed *bed, const char *kernel, bool verbose);

/* Moves what is in the shared rings and in the input's buffer; never waits. */
void relay_pump(struct relay *relay);

/* Passes a signal to the guest's process (0: none), and the terminal's size. False: the
 * guest takes no news. */
bool relay_news(struct relay *relay, int signal);

/* Waits until something can be moved, the descriptor `wake` is readable, or timeout
 * milliseconds (-1: no limit) have gone by; moves what the pipes and outputs allow. Returns
 * true if `wake` is readable. */
bool relay_wait(struct relay *relay, int wake, int timeout);

/* Have all channels ended and the rings been emptied? Then no more can come. */
bool relay_ended(struct relay *relay);

/* Have our outputs taken everything? */
bool relay_drained(const struct relay *relay);

/* Prints "atman-run: ..." and what follows on our stderr, behind what is queued there. */
void relay_say(struct relay *relay, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Completes the logs: hands out last lines without an end, and reports that broke off. */
void relay_finish(struct relay *relay);

/* Frees all; what is still queued is lost. */
void relay_free(struct relay *relay);

#endif
