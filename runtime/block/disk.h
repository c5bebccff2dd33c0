/* SPDX-License-Identifier: MIT */
/*
 * The disks that other domains serve (xen/include/public/io/blkif.h): they come and go with
 * xenstore (xenbus/frontend.h); requests go over a ring (block/ring.h). A disk that was
 * unplugged stays as long as somebody has a reference to it, and fails.
 */
#ifndef ATMAN_BLOCK_DISK_H
#define ATMAN_BLOCK_DISK_H

#include "block/number.h"
#include "block/published.h"
#include "sched/calm.h"
#include "sched/timer.h"
#include "xen/lock.h"
#include "xenbus/frontend.h"

struct disk {
    struct frontend front; /* the first member */
    struct list node;      /* of all; under disks_lock */
    uint32_t references;   /* atomic */
    struct block_number number;
    bool is_removed; /* has no place in the list any more; under disks_lock */

    struct lock lock; /* LOCK_OBJECT, of what follows: */
    struct block_ring ring;
    evtchn_port_t port; /* 0: none */
    unsigned pages;     /* that are shared */
    struct block_published is;
    bool was_connected; /* so that `is` says something */
    bool is_unflushed;  /* something was written since the last flush */
    uint32_t answers;   /* events that had some */
    struct calm calm;   /* of the port */
    struct timer later; /* the port is masked until then */
};

/* A request: as block/ring.h, but what is to be done at its end comes first. */
struct disk_request {
    /* Called once, in any context and without locks; the request is its user's again. */
    void (*end)(struct disk_request *request);
    struct block_request block;
};

/* Looks for disks from now on, if it does not yet. Starts the scheduler. False: there is no
 * store that says which there are. */
bool disks_start(void);

/* Waits until those that are listed are there: 30 s from the first call on, all in all. */
void disks_wait(void);

/* The next one behind disk, which is dropped, or the first (NULL): with a reference. */
struct disk *disk_next(struct disk *disk);

static inline struct disk *disk_hold(struct disk *disk) {
    __atomic_add_fetch(&disk->references, 1, __ATOMIC_SEQ_CST);
    return disk;
}

void disk_drop(struct disk *disk);

/* A copy of what the backend says now; false: it was never connected. */
bool disk_describe(struct disk *disk, struct block_published *is);

/* It has been unplugged or is broken: requests fail. */
bool disk_is_out(struct disk *disk);

/* The request begins, and ends later, or before this returns. No lock of a rank from
 * LOCK_OBJECT on. */
void disk_submit(struct disk *disk, struct disk_request *request);

/* One that is waited for. */
struct disk_call {
    struct disk_request request;
    struct thread *thread;
};

/* The same, and waits for its end: its error. */
long disk_do(struct disk *disk, struct disk_call *call);

/* What was written, and has ended, is kept by the disk from now on. */
long disk_flush(struct disk *disk);

/* Something was written since the last flush, and the disk is not out. */
bool disk_is_unflushed(struct disk *disk);

/* For a domain that ends (block/end.h): whether requests are under way, and how many events
 * have ended some; all of them fail; looks for answers without an event. */
bool disk_is_busy(struct disk *disk, uint32_t *answers);
void disk_give_up(struct disk *disk);
void disk_poll(struct disk *disk);

#endif
