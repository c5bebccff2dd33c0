/* SPDX-License-Identifier: MIT */
/*
 * Waiting for several descriptors at once, what poll and select have in common. A list of
 * records, one a descriptor, in pieces: a few on the stack, more of them in pages.
 */
#ifndef ATMAN_FS_POLL_H
#define ATMAN_FS_POLL_H

#include "sched/ready.h"

struct file;
struct poller;

struct polled {
    struct watch watch;
    struct poller *poller;
    struct file *file;
    int fd;          /* less than 0: is left out */
    unsigned wanted; /* of POLL* */
    unsigned found;  /* of these, of what always counts, and POLLNVAL */
};

struct polled_piece {
    struct polled_piece *next;
    struct polled *records;
    unsigned count;
};

enum { POLLED_FEW = 8 };

struct poller {
    struct thread *thread;
    uint32_t notified;
    unsigned always; /* counts whether wanted or not */
    unsigned room;   /* in the last piece */
    struct polled_piece here, *last;
    struct polled few[POLLED_FEW];
};

void poller_init(struct poller *poller, unsigned always);

/* One more; NULL: no memory. */
struct polled *poller_add(struct poller *poller, int fd, unsigned wanted);

/* The one of that place, which follows *piece and *index (NULL, 0 at first); or NULL. */
struct polled *poller_next(struct poller *poller, struct polled_piece **piece,
                           unsigned *index);

/*
 * Waits until something is found, or until that moment (sched/clock.h; 0: no limit; 1: not
 * at all): how many have found something. -RESTART_UNHANDLED (sched/settle.h) or -EINTR.
 * Handlers are held.
 */
long poller_wait(struct poller *poller, uint64_t until);

/* Everything is given back. */
void poller_end(struct poller *poller);

#endif
