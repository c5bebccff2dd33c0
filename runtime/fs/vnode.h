/* SPDX-License-Identifier: MIT */
/*
 * Files of file systems (vnodes), their names (entries), and what a file system is.
 *
 * Entries are one tree for all file systems. Of one whose names are all in memory (the
 * root, made by fs/ramfs.c) every entry stays; of others what was looked up may be
 * forgotten when nobody uses it. A directory has one entry, another file as many as it has
 * links that are known.
 *
 * Locks. A directory's vnode->lock is held for its names: looking one up, adding or
 * removing one; a file's for its contents, size and attributes. An operation is called with
 * the lock of its first vnode held unless it says otherwise. Two directories are locked by
 * their addresses' order (entry_lock_two), a file after the directory it is in.
 *
 * Later file systems: `mount->own` and `vnode->own` are theirs; lookup and list may wait
 * for a device (the locks are mutexes); contents are read ahead and written back by the
 * page cache's operations (fs/cache.h).
 */
#ifndef ATMAN_FS_VNODE_H
#define ATMAN_FS_VNODE_H

#include "base/list.h"
#include "base/tree.h"
#include "fs/transfer.h"
#include "sched/mutex.h"

struct entry;
struct file;
struct file_ops;
struct mount;
struct object;
struct stat;
struct statfs;
struct text;
struct vnode;

/* Of fallocate and lseek, which not every C library's header has. */
enum { ALLOCATE_ZERO = 0x10, SEEK_TO_DATA = 3, SEEK_TO_HOLE = 4 };

enum { NAME_MOST = 255, PATH_MOST = 4096 /* with its end */ };

struct name {
    const char *text; /* not ended by 0 */
    size_t size;
};

/* Called for each name of a directory; false: enough. next: where to go on behind it. */
typedef bool lister(void *state, struct name name, uint64_t number, unsigned type,
                    int64_t next);

struct vnode_ops {
    /* The vnode of that name, with a reference. -ENOENT. NULL: all names are in memory. */
    long (*lookup)(struct vnode *directory, struct name name, struct vnode **found);
    /* A new file of mode's type; device for special files, target for symbolic links. The
     * caller has found no such name. -EPERM if NULL. */
    long (*create)(struct vnode *directory, struct name name, unsigned mode,
                   uint64_t device, const char *target, struct vnode **made);
    /* One more name, of a vnode of this file system that is locked, too. */
    long (*link)(struct vnode *directory, struct name name, struct vnode *vnode);
    /* The name, of vnode, which is locked too, goes. Directories are empty then. */
    long (*remove)(struct vnode *directory, struct name name, struct vnode *vnode);
    /* Both directories are locked; what has the new name, if anything, loses it. */
    long (*rename)(struct vnode *from, struct name old, struct vnode *to, struct name new,
                   struct vnode *vnode);
    /* Names from position on; NULL: all are in memory. */
    long (*list)(struct vnode *directory, int64_t position, lister *tell, void *state);
    /* Copies at most size bytes of the target: their number. */
    long (*read_link)(struct vnode *link, char *target, size_t size);
    /* For links that lead to a file and not to a name (/proc/self/fd): the entry, or the
     * file. NULL: by read_link. */
    long (*follow)(struct vnode *link, struct file **file);

    /* A regular file's. */
    long (*read)(struct vnode *vnode, struct transfer *to, int64_t position);
    long (*write)(struct vnode *vnode, struct transfer *from, int64_t position);
    long (*resize)(struct vnode *vnode, int64_t size);
    long (*allocate)(struct vnode *vnode, int mode, int64_t start, int64_t size);
    /* SEEK_DATA or SEEK_HOLE: the position, or -ENXIO. */
    long (*find)(struct vnode *vnode, int64_t position, bool data);
    struct object *(*object)(struct vnode *vnode); /* to be mapped; NULL: cannot be */
    uint64_t (*blocks)(struct vnode *vnode);       /* of 512 bytes, that are in use */
    /* What of bytes [start, end) was written is kept by the device; only what is needed to
     * find them again, if data_only. NULL: -EINVAL. Without the lock. An error that is
     * noted by vnode_fail need not be told. */
    long (*sync)(struct vnode *vnode, int64_t start, int64_t end, bool data_only);
    /* POSIX_FADV_WILLNEED and DONTNEED for bytes [start, end); NULL: all is in memory.
     * Without the lock. */
    void (*advise)(struct vnode *vnode, int64_t start, int64_t end, int advice);

    /* Attributes have changed and are to be kept; NULL: they are. */
    long (*keep)(struct vnode *vnode);
    /* How it is used once open; NULL: by the vnode's type. May change file->ops. */
    long (*open)(struct vnode *vnode, struct file *file);
    /* Nobody refers to it any more; its memory goes, and the file if it has no links. */
    void (*release)(struct vnode *vnode);
};

struct vnode {
    const struct vnode_ops *ops;
    struct mount *mount;
    uint32_t references; /* atomic: entries, open files, mappings */
    uint32_t mode, uid, gid, links;
    uint32_t seals;          /* fs/memfd.h */
    uint64_t number, device; /* st_ino, st_rdev */
    int64_t size;
    int64_t accessed, modified, changed, born; /* ns since 1970 */
    struct mutex lock;
    int failure;               /* of the last write-back that failed: -EIO, -ENOSPC … */
    uint32_t failures;         /* how many did, times 2; bit 0: the last one was told */
    bool is_nameless;          /* O_TMPFILE: it may still get its first name */
    uint32_t seen;             /* fs/unmount.c: by which tour */
    struct entry *name;        /* one of its names, or NULL; under LOCK_NAMES */
    void *own;                 /* the file system's */
    struct list locks;         /* fs/locks.c: of this file; {NULL}: none ever */
    struct watching *watching; /* fs/inotify.c; NULL: nobody */
    void *bound;               /* a FIFO's pipe, a socket's own */
};

struct entry {
    uint32_t references; /* atomic: its children count, and one if it is to stay */
    uint32_t hash;
    struct vnode *vnode;
    struct entry *parent;               /* itself for the topmost of a file system */
    struct mount *mounted;              /* on this directory, or NULL */
    struct tree_node by_name, by_order; /* of the parent */
    struct tree names, order;           /* its own */
    uint64_t cookie, last_cookie;       /* place in the parent's order; the last given */
    bool stays;                         /* is kept in memory though nobody uses it */
    bool removed;                       /* has no place in the tree any more */
    bool is_loose; /* was looked up, and is found again by another lookup only */
    uint8_t size;
    char *name; /* not ended by 0; changes under the locks of the parent and LOCK_NAMES */
};

struct mount {
    struct entry *root, *at; /* at: NULL for the root's, and when it is unmounted */
    const char *type;
    char *source;
    unsigned long flags; /* MS_*; atomic */
    uint64_t device;     /* st_dev */
    uint32_t vnodes;     /* atomic: it goes with the last */
    uint32_t writers;    /* atomic: regular files that are open for writing */
    bool leaving;        /* it is found out whether it can be unmounted; atomic */
    void *own;           /* the file system's, from heap_alloc */
    long (*stat)(struct mount *mount, struct statfs *stat);
    /* All that was written is kept by the device; NULL: nothing is to be done. */
    long (*sync)(struct mount *mount);
    /* It was unmounted and synced, and its last vnode is gone: what own refers to goes; own
     * itself is freed by the caller. NULL: nothing is to be done. */
    void (*release)(struct mount *mount);
    /* Its own options as /proc/mounts has them: ",size=4k"; may be NULL. */
    void (*say)(const struct mount *mount, struct text *text);
    /* They become these (remount); NULL: it has none. */
    long (*change)(struct mount *mount, const char *options);
    struct list node; /* of all, in order */
};

/* Those that are there from the start come first and stay; a later one may be on a device
 * that is a file of an earlier one. Under mounts_mutex (fs/mount.h). */
extern struct list mounts;

/* Of that mount; of all, the last one first. The first error. */
long mount_sync(struct mount *mount);
long mount_sync_all(void);

/* vnode.c */

/* Attributes of mode's type and rights, now; mount may be NULL. NULL: no memory. */
struct vnode *vnode_make(struct mount *mount, const struct vnode_ops *ops, unsigned mode);

static inline struct vnode *vnode_hold(struct vnode *vnode) {
    __atomic_add_fetch(&vnode->references, 1, __ATOMIC_SEQ_CST);
    return vnode;
}

void vnode_drop(struct vnode *vnode);

/* What was written to it did not come to its device. */
void vnode_fail(struct vnode *vnode, long error);

/* The error that whoever has seen *seen was not told yet, or 0: once for each. A new user
 * begins with vnode_seen, and so is told what nobody was. */
long vnode_failure(struct vnode *vnode, uint32_t *seen);

static inline uint32_t vnode_seen(const struct vnode *vnode) {
    uint32_t failures = __atomic_load_n(&vnode->failures, __ATOMIC_SEQ_CST);

    return failures & 1 ? failures : 0;
}

/* Called before one goes that has `watching`. */
extern void (*vnode_watched_goes)(struct vnode *vnode);
long vnode_stat(struct vnode *vnode, struct stat *stat);

enum { TOUCH_ACCESS = 1, TOUCH_MODIFY = 2, TOUCH_CHANGE = 4 };
void vnode_touch(struct vnode *vnode, unsigned which);

/* Linux's rules for root: who may do anything, but execute what nobody may. -EACCES. */
long vnode_may_execute(const struct vnode *vnode);

/* entry.c */
static inline struct entry *entry_hold(struct entry *entry) {
    __atomic_add_fetch(&entry->references, 1, __ATOMIC_SEQ_CST);
    return entry;
}

void entry_drop(struct entry *entry);

/* The topmost one of a file system, with a reference. Takes over the vnode's. NULL: no
 * memory. */
struct entry *entry_make_root(struct vnode *vnode);

/*
 * In the directory, whose lock is held: the entry of that name, with a reference; -ENOENT,
 * -ENAMETOOLONG.
 */
long entry_find(struct entry *directory, struct name name, struct entry **found);

/* Adds a name; vnode's reference is taken over, or given back on failure. -ENOMEM. */
long entry_add(struct entry *directory, struct name name, struct vnode *vnode,
               struct entry **added);

/* Its place in the tree goes: whoever has a reference keeps it. */
void entry_remove(struct entry *entry);

/* It gets another place, where there is no such name, and stays the same. -ENOMEM: it is
 * where it was. */
long entry_move(struct entry *entry, struct entry *directory, struct name name);

/* The mount is on that directory from now on, or not any more. */
void entry_set_mounted(struct entry *at, struct mount *mount, bool is_mounted);

/* The topmost entry of what is mounted on it, with a reference, or NULL. *leaving: that may
 * go, and mounts_mutex is to be waited for. */
struct entry *entry_mounted(struct entry *entry, bool *leaving);

/* The directory above, over the border of a mount, but not above stop: with a reference. */
struct entry *entry_above(struct entry *entry, struct entry *stop);

/* One of the vnode's names that are in memory, with a reference; NULL: there is none. */
struct entry *entry_of(const struct vnode *vnode);

/* Takes (drops) the locks of one or two directories. */
void entry_lock_two(struct entry *a, struct entry *b);
void entry_unlock_two(struct entry *a, struct entry *b);

/*
 * The absolute path, written to the end of the buffer: where it begins, or NULL: it does
 * not fit. *removed says whether it is the path of what is not there any more.
 */
char *entry_path(struct entry *entry, char *buffer, size_t size, bool *removed);

#endif
