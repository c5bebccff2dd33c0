/* SPDX-License-Identifier: MIT */
/*
 * Files in memory that have no name, and seals: what can be done to a file no more
 * (F_SEAL_* in vnode->seals).
 */
#ifndef ATMAN_FS_MEMFD_H
#define ATMAN_FS_MEMFD_H

#include "fs/vnode.h"

struct file;

enum {
    SEAL_SEAL = 1,
    SEAL_SHRINK = 2,
    SEAL_GROW = 4,
    SEAL_WRITE = 8,
    SEAL_FUTURE_WRITE = 16,
    SEAL_EXEC = 32,
    SEAL_ALL = 63,
    SEAL_POSSIBLE = 64, /* the file is one that has seals */
};

/* name: for /proc/self/fd. The file is open for reading and writing. */
long memfd_make(struct name name, bool can_be_sealed, unsigned mode, struct file **file);

/* F_ADD_SEALS and F_GET_SEALS. */
long seals_control(struct file *file, int command, unsigned seals);

/* A write to, or change of size of, a file, whose lock is held; end: behind its last byte.
 * -EPERM. */
long seals_check_write(const struct vnode *vnode, int64_t end);
long seals_check_size(const struct vnode *vnode, int64_t size);

#endif
