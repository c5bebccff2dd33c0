/* SPDX-License-Identifier: MIT */
/* What the files of fs/backed.h share. */
#ifndef ATMAN_FS_BACKED_PARTS_H
#define ATMAN_FS_BACKED_PARTS_H

#include "fs/backed.h"
#include "sched/thread.h"

/* A page's marks in the tree. */
enum {
    BACKED_DIRTY = 1,
    BACKED_FILLING = 2,
    BACKED_WRITING = 4,
    BACKED_USED = 8, /* since the reclaimer's last round */
    BACKED_PIN = 16, /* one pin; the rest of the marks is their number */
    BACKED_PINS = PAGETREE_MARKS & ~(BACKED_PIN - 1),
    BACKED_STAYS = BACKED_DIRTY | BACKED_FILLING | BACKED_WRITING | BACKED_PINS,
};

enum { BACKED_RUN = 32 /* pages that are started together at most */ };

/* backed.c: all there are; under mm_lock. Their pages are counted by backing_kept. */
extern struct list backed_all;

/* Pages with the mark DIRTY, and with WRITING; atomic. */
extern size_t backed_unstable;

/* The page, or NULL, and its marks. */
void *backed_look(struct backed *b, unsigned long index, unsigned *marks);

/* Under the cache's lock. */
void backed_change(struct backed *b, unsigned long index, unsigned clear, unsigned set);

/* Adds a page of zeros, or that one, where there is none; with mm_lock held. -ENOMEM. */
long backed_add(struct backed *b, unsigned long index, void *page, unsigned marks);

/* The page goes; with mm_lock and the cache's lock held. */
void backed_remove(struct backed *b, unsigned long index);

/* Starts what is missing of [first, end). -ENOMEM: not all. */
long backed_start(struct backed *b, unsigned long first, unsigned long end);

/* What is behind that place in its page, which a mapping may have written to, is zeros. */
long backed_clear_tail(struct backed *b, int64_t size);

/* It stays until the other call. Under mm_lock, or by who knows that it stays by itself. b
 * may be NULL, for a wait that is for none. The other one under pagewait_lock. */
static inline void backed_hold(struct backed *b) {
    if (b)
        __atomic_add_fetch(&b->busy, 1, __ATOMIC_SEQ_CST);
}
void backed_release(struct backed *b, uint32_t count);

/*
 * pagewait.c. Who waits makes that known first, starts what he waits for, and ends the
 * wait, which is when he sleeps. The error is that of the completion.
 */
enum pagewait_kind {
    WAIT_FILLED,  /* the page is in memory, or could not be read */
    WAIT_WRITTEN, /* the page is not being written */
    WAIT_ROOM,    /* fewer pages are dirty */
    WAIT_CLEAN,   /* some pages have been written; of none in particular */
    WAIT_IDLE,    /* it is not busy */
};

extern struct lock pagewait_lock; /* LOCK_WAIT */

void pagewait_begin(struct pagewait *wait, struct backed *b, unsigned long index,
                    enum pagewait_kind kind);
long pagewait_end(struct pagewait *wait);

/* Ends the waits of that kind for pages [first, end) of b. Under pagewait_lock. */
void pagewait_wake(struct backed *b, unsigned long first, unsigned long end,
                   enum pagewait_kind kind, long error);

/* Ends all WAIT_CLEAN, and WAIT_ROOM if there is room. Under pagewait_lock. */
void pagewait_wake_room(void);

/* A wait of a fault that the keeper is to do something for: takes it, with a hold. */
bool pagewait_take_wanted(struct backed **b, unsigned long *index,
                          enum pagewait_kind *kind);
bool pagewait_is_wanted(void); /* under pagewait_lock */

/* For object_ops: see mm/object.h. */
int pagewait_in_fault(struct object *object, unsigned long index);

/* For mm/space.h. */
bool pagewait_for_memory(void);

/* From now on faults wait. */
void pagewait_start(void);

/* ahead.c: the reader is at page index and wants those up to end. Starts what is missing.
 */
long ahead_read(struct backed *b, struct ahead *a, unsigned long index, unsigned long end);
/* A fault is at that page. */
long ahead_fault(struct backed *b, unsigned long index);

/* writeback.c: writing of all that is dirty in [first, end) begins, but what is being
 * written. */
void writeback_start(struct backed *b, unsigned long first, unsigned long end);
/* So much is dirty that who writes has to wait. */
bool writeback_is_due(void);
/* Of all; until there is room if waits. */
void writeback_all(bool waits);

/* reclaim.c: for mm/backing.h. With mm_lock held. */
bool reclaim_pages(void);
void reclaim_forget(struct backed *b);

#endif
