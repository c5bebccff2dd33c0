/* SPDX-License-Identifier: MIT */
/*
 * Priority inheritance: who owns a mutex lends the rank of those who wait for it, and so
 * does the one who owns what that one waits for, and so on.
 *
 * Everything here is under lend_lock, a thread's rank as well once it runs: it is the
 * highest of its own priority and of the ranks of those who wait for what it owns.
 */
#ifndef ATMAN_SCHED_LEND_H
#define ATMAN_SCHED_LEND_H

#include "sched/thread.h"

extern struct lock lend_lock;

/* A mutex, known by its word's address, that somebody waits for. */
struct lend_mutex {
    struct tree_node node; /* of all of them, by address */
    const uint32_t *word;
    struct thread *owner;
    struct list owned;   /* of the owner's */
    struct tree waiters; /* by falling rank, then arrival; not empty for long */
};

/* Is anything waited for? Without the lock, too. */
bool lend_is_any(void);

/* The one with that word, NULL: nobody waits. */
struct lend_mutex *lend_find(const uint32_t *word);

/* Makes it, for lend_wait. NULL: no memory. */
struct lend_mutex *lend_make(const uint32_t *word, struct thread *owner);

/* Would t wait for itself if it waited for what owner owns? Also if that is too far to see.
 */
bool lend_is_circle(const struct thread *owner, const struct thread *t);

/* t waits for m from now on. */
void lend_wait(struct lend_mutex *m, struct thread *t);

/* t, which waits, does not any more. m is gone with the last one. */
void lend_leave(struct thread *t);

/* Who is to own m next. */
struct thread *lend_first(const struct lend_mutex *m);

/* to owns m from now on; if it waits for it, it does not any more, and m may be gone. */
void lend_pass(struct lend_mutex *m, struct thread *to);

/* A mutex that t owns and others wait for, or NULL. */
struct lend_mutex *lend_owned(const struct thread *t);

/* t's own priority has changed. */
void lend_adjust(struct thread *t);

#endif
