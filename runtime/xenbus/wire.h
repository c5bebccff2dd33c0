/* SPDX-License-Identifier: MIT */
/*
 * The connection with xenstore: requests and answers over a ring that the toolstack shares
 * (xen/include/public/io/xs_wire.h), any number at a time. Nothing here waits, but for
 * wire_write. An ordinary domain has a store, the first does not.
 *
 * The other side is not trusted. What it sends is copied once, a byte at a time, to where
 * there is room; the ring's indices that are ours are kept here. What breaks the protocol
 * breaks the connection: a line in the log, and -EIO for all requests from then on.
 */
#ifndef ATMAN_XENBUS_WIRE_H
#define ATMAN_XENBUS_WIRE_H

#include "base/list.h"
#include "xen/interface.h"

#include <xen/io/xs_wire.h>

/*
 * Filled in: head's type and tx_id, parts, reply and room, done. Lasts until it is done. A
 * transaction is the store's number and wire_transactions.base.
 */
struct wire_request {
    struct list node;
    struct xsd_sockmsg head;
    struct wire_part {
        const void *data;
        size_t size;
    } parts[2];    /* one after the other, at most XENSTORE_PAYLOAD_MAX bytes */
    size_t sent;   /* bytes, head included */
    char *reply;   /* where as much of the answer comes as there is room for */
    size_t room;   /* bytes; 0: the answer's contents are of no interest */
    size_t length; /* of the answer, which may be more */
    long result;   /* 0; -EIO; -EAGAIN; 1: an error, whose name is the answer */
    bool is_done;  /* set last; or, if done is not NULL, that is called: under the lock */
    void (*done)(struct wire_request *request);
};

/* Finds the ring; false if there is none. Once. */
bool wire_open(void);

/* Whether it was found. */
bool wire_is_open(void);

/* To be called for each event of the ring's port, and harmless at any other time. */
void wire_pump(void);

/* No lock of a rank from LOCK_OBJECT on; may be done on return. */
void wire_submit(struct wire_request *request);

/* The same under the lock, where it is not done on return; from a request's done as well.
 */
void wire_append(struct wire_request *request);

/*
 * Transactions end with the connection that they were begun in, and the next one may use
 * their numbers again: with base added, up to most is in use, and up to base is -EAGAIN.
 */
extern struct wire_transactions {
    uint32_t base, most; /* under the lock; most: whoever learns of a new one sees to it */
} wire_transactions;

/*
 * Called under the lock for each event of a watch, with the watch's token, of which the
 * first WIRE_TOKEN bytes count; ended by NUL. Who sets it calls the one before.
 */
enum { WIRE_TOKEN = 15 };
extern void (*wire_watched)(const char *token);

/* The lock, for those who look at what is changed under it. */
extern struct lock wire_lock;

/*
 * The last word: writes size bytes at value to path, relative to the domain's own
 * directory, and waits for the answer, a few seconds at most, whatever else goes on in the
 * domain. False if the store refused or did not answer; in the latter case the connection
 * is broken.
 */
bool wire_write(const char *path, const void *value, size_t size);

#endif
