/* SPDX-License-Identifier: MIT */
/*
 * What is mounted where. A mount lives as long as one of its vnodes; while it is mounted it
 * has its topmost entry. Its flags are MS_*; how the calls of Linux name them is said by
 * whoever shows them.
 */
#ifndef ATMAN_FS_MOUNT_H
#define ATMAN_FS_MOUNT_H

#include "fs/vnode.h"

/* Held by who mounts, unmounts, or goes through `mounts`. */
extern struct mutex mounts_mutex;

/* A number for st_dev that no other mount has had. */
uint64_t mount_number(void);

/*
 * A new one, whose source is a copy; NULL: no memory. It goes with its last vnode, or by
 * mount_free if it never had one.
 */
struct mount *mount_make(const char *type, const char *source);
void mount_free(struct mount *mount);

/* It has this topmost vnode, whose reference is taken over. -ENOMEM: and is gone. */
long mount_set_top(struct mount *mount, struct vnode *top);

/* The mount, which has a top, is to be seen at that directory, or at what is mounted there;
 * the reference to it is taken over, on failure as well. -ENOENT: it was removed. */
long mount_at(struct mount *mount, struct entry *at);

/*
 * The reverse, by any of its entries; -EINVAL: that is not the topmost, or the root's.
 * -EBUSY: somebody uses it, unless it is lazy: then it stays for those who do.
 */
long mount_remove(struct entry *top, bool lazy);

/* Flags that are not MS_RDONLY are taken as they are; -EBUSY: files are open for writing.
 */
long mount_set_flags(struct mount *mount, unsigned long flags);

/* A file of the vnode is opened for writing; -EROFS. mount_written: it is closed. */
long mount_write(struct vnode *vnode);
void mount_written(struct vnode *vnode);

static inline bool mount_has(const struct vnode *vnode, unsigned long flag) {
    return vnode->mount && vnode->mount->flags & flag;
}

/* -EROFS if it is read-only. */
long mount_check(const struct vnode *vnode);

#endif
