/* SPDX-License-Identifier: MIT */
/*
 * One of our outputs (stdout, stderr): a queue in front of a descriptor that is never
 * waited for, so that a slow reader stops the guest and nothing else: signals and the time
 * limit are still heard. Not a byte is lost or reordered.
 */
#ifndef ATMAN_RUN_OUTLET_H
#define ATMAN_RUN_OUTLET_H

#include "text.h"

#include <stdbool.h>

/* Sources are not read while more than this is queued (bytes). */
#define OUTLET_FULL ((size_t)256 * 1024)

enum outlet_kind {
    OUTLET_FILE,   /* never blocks for long: written at once */
    OUTLET_OWN,    /* a description of our own, non-blocking */
    OUTLET_SOCKET, /* send() with MSG_DONTWAIT */
    OUTLET_SHARED  /* as given: may block if another process fills it, too */
};

struct outlet {
    int fd; /* what is written to */
    enum outlet_kind kind;
    bool own_fd;       /* fd is ours to close */
    struct text queue; /* what is still to be written */
    size_t sent;       /* bytes of the queue's front that are written already */
    int error;         /* errno of the first failure, then everything is dropped; else 0 */
};

/* Opens an outlet on a descriptor that this process was started with. Its flags are left
 * alone: other processes share them. */
void outlet_open(struct outlet *outlet, int fd);

/* Queues length bytes, and writes what goes without waiting. */
void outlet_add(struct outlet *outlet, const void *bytes, size_t length);

/* Writes of the queue what goes without waiting. */
void outlet_flush(struct outlet *outlet);

/* Is anything queued? Then fd is to be polled for POLLOUT. */
bool outlet_pending(const struct outlet *outlet);

/* Should sources wait? */
bool outlet_full(const struct outlet *outlet);

/* Frees the queue with what is in it, and closes what is ours. */
void outlet_close(struct outlet *outlet);

#endif
