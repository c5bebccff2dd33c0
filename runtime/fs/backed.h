/* SPDX-License-Identifier: MIT */
/*
 * The page cache of a file that is on a device. Its pages are those of a struct cache, so
 * they are mapped as any other's; but one that is not in memory is no hole: it is read when
 * it is wanted, and pages behind it with it, and what was written goes to the device later.
 *
 * A page in the tree is one of:
 *   - in flight to memory (being filled): nobody has seen it yet;
 *   - clean: as on the device. It may go at any moment at which it is not pinned;
 *   - dirty: to be written. Through a mapping it can be written to only while it is dirty;
 *   - in flight to the device (being written), and dirty again if it was changed meanwhile.
 *
 * The file system starts (struct backed_ops) and later completes: backed_filled and
 * backed_written may be called from anywhere, also from an event handler, in any order and
 * for any part of what was started; under no lock from LOCK_WAIT on.
 *
 * Locks. State changes under the cache's own lock; pages come and go with mm_lock held as
 * well (fs/cache.h). Who changes contents by a call holds the file's mutex; who reads pins.
 * A fault holds neither: it sleeps without any lock and tries again. So to fill or to write
 * a page the file system must not take the file's mutex, nor any other that it holds while
 * it touches the program's memory.
 *
 * Nothing here is linked unless a file system calls backed_init.
 */
#ifndef ATMAN_FS_BACKED_H
#define ATMAN_FS_BACKED_H

#include "base/list.h"
#include "fs/ahead.h"
#include "fs/cache.h"
#include "fs/transfer.h"

struct backed;
struct mount;

/*
 * Pages [first, first + count) are to be read or written; their memory is backed_in_flight.
 * Called by a thread, with no lock of xen/lock.h, perhaps with the file's mutex held, by
 * the runtime's own thread (fs/keeper.h) as well: may wait, for its own records or for room
 * in a queue, but should not wait for the pages. Each page is completed once, perhaps
 * before this returns; an error is told there.
 *
 * A page is filled whole: what is behind the file's end or in a hole becomes zeros, which
 * it is at the start.
 */
struct backed_ops {
    void (*fill)(struct backed *backed, unsigned long first, size_t count);
    void (*write)(struct backed *backed, unsigned long first, size_t count);
};

struct backed {
    struct cache cache; /* the first member */
    const struct backed_ops *ops;
    void *own;        /* the file system's */
    struct list node; /* of all; under mm_lock */
    uint32_t busy;    /* atomic: pages in flight, and whoever needs it to stay */
    size_t dirty;     /* pages; under the cache's lock, as is: */
    uint64_t since;   /* when the first of them became so (system time); 0: there is none */
    struct ahead ahead; /* of faults; the keeper's */
};

/*
 * An empty one of a regular file or block device, whose size is vnode->size. With the first
 * one the scheduler and the keeper begin. -ENOMEM: there was no memory for those.
 */
long backed_init(struct backed *backed, struct vnode *vnode, const struct backed_ops *ops);

/*
 * All pages go, dirty ones too: who wants them on the device calls backed_sync before.
 * Waits for what is in flight. Nobody uses it or maps it any more.
 */
void backed_free(struct backed *backed);

/* For struct vnode_ops' object: to be mapped. */
struct object *backed_object(struct backed *backed);

/* The memory of a page in flight, in the direct map. */
void *backed_in_flight(struct backed *backed, unsigned long index);

/* They have been read, or written, or have not: a negative errno. */
void backed_filled(struct backed *backed, unsigned long first, size_t count, long error);
void backed_written(struct backed *backed, unsigned long first, size_t count, long error);

/*
 * For struct vnode_ops' read and write: with the file's mutex held, which read drops while
 * it waits for the device. A write beyond the end makes the file longer. The number of
 * bytes, or an error: -EIO, -ENOMEM, -EFAULT.
 */
long backed_read(struct backed *backed, struct transfer *to, int64_t position);
long backed_write(struct backed *backed, struct transfer *from, int64_t position);

/*
 * The page of that number, read if it has to be, and pinned: it stays and does not move
 * until backed_unpin, with dirty if it was changed. NULL: *error. For a file system's own
 * records. At most 255 at a time.
 */
void *backed_pin(struct backed *backed, unsigned long index, long *error);
void backed_unpin(struct backed *backed, unsigned long index, bool dirty);

/* Reading of pages [first, end) is begun, as far as there is memory. */
void backed_fetch(struct backed *backed, unsigned long first, unsigned long end);

/* posix_fadvise for bytes [start, end), of POSIX_FADV_WILLNEED and DONTNEED. */
void backed_advise(struct backed *backed, int64_t start, int64_t end, int advice);

/*
 * What of pages [first, end) is dirty by now is written; waits for it. An error that there
 * was meanwhile; it is noted with the vnode besides (vnode_fail), for the next fsync to
 * tell.
 */
long backed_sync(struct backed *backed, unsigned long first, unsigned long end);

/* The same of all files of a mount, or with NULL of all that there are. */
long backed_sync_all(const struct mount *mount);

/*
 * The file's size changes, with its mutex held. Pages beyond a new end go, also from
 * mappings, and the rest of the last one becomes zeros. Waits for what of that is in
 * flight. An error of reading the last one: nothing has changed.
 */
long backed_resize(struct backed *backed, int64_t size);

/* Pages [first, end) go, dirty or not, but private copies of them: the file system has made
 * a hole there. With the file's mutex held; waits likewise. */
void backed_drop(struct backed *backed, unsigned long first, unsigned long end);

#endif
