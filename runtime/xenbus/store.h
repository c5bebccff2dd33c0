/* SPDX-License-Identifier: MIT */
/*
 * xenstore for threads: each function waits for the store's answer, which no signal ends,
 * as a disk's would not be. Any number of threads may have requests under way. Not for
 * kernel entries, nor with a lock held; pointers are to memory that does not fault. The
 * first call starts the scheduler.
 *
 * Paths are absolute (/local/domain/…) or begin in the domain's own directory. A
 * transaction is the number from store_begin, or 0: none. Errors are the store's, as
 * negative errnos; -ENODEV: there is no store; -EIO: it is broken, or says what makes no
 * sense; -ENOMEM.
 */
#ifndef ATMAN_XENBUS_STORE_H
#define ATMAN_XENBUS_STORE_H

#include "sched/ready.h"

/*
 * A node's value: its length, which may be more than size: then its beginning was copied.
 * There is a NUL behind it if there is room. The value may contain anything.
 */
long store_read(uint32_t transaction, const char *path, char *value, size_t size);

/* A node that is not there is made, and so are those above it. */
long store_write(uint32_t transaction, const char *path, const void *value, size_t size);

/*
 * The names of the nodes right below, each with a NUL: how many bytes that are. They come
 * in pieces of whole names, in their order, each with the number of bytes before it; if
 * that is 0 all that came before is forgotten, for the names have changed. -EAGAIN: they do
 * without end.
 */
struct store_names {
    void (*take)(struct store_names *names, size_t before, const char *piece, size_t size);
};

long store_list(uint32_t transaction, const char *path, struct store_names *names);

/* With all below it. */
long store_remove(uint32_t transaction, const char *path);

/* What is done between the two is done at once, or, -EAGAIN of the second, not at all: then
 * it is to be begun again. */
long store_begin(uint32_t *transaction);
long store_end(uint32_t transaction, bool is_to_be);

/*
 * body in a transaction, which is given up if it returns an error, and made again from the
 * beginning as often as somebody else came between: body's result, or an error.
 */
long store_transact(long (*body)(uint32_t transaction, void *context), void *context);

/*
 * Something at path, or below, has changed, or may have: several changes may be one event,
 * and the first event comes at once. Events are counted in ready, which can be waited for
 * (sched/ready.h). If run is not NULL, it is also called after each, in a thread of the
 * store's own, one at a time: it may wait, and call all that is here.
 */
struct store_watch {
    struct ready ready;
    void (*run)(struct store_watch *watch);
    const char *path;
    uint32_t id;
    bool is_due, is_lost;  /* is_lost: the store does not know of it any more */
    struct list node, due; /* under wire_lock */
};

/* ready and run are set; path stays with the watch. 0 or an error: there is no watch then.
 */
long store_watch_add(struct store_watch *watch, const char *path);

/* As if there had been an event. In any context, with no lock from LOCK_OBJECT on. */
void store_watch_wake(struct store_watch *watch);

/* Afterwards its run is not running, unless it is this very call's, and will not be called.
 */
void store_watch_remove(struct store_watch *watch);

#endif
