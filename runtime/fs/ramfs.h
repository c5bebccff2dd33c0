/* SPDX-License-Identifier: MIT */
/* The file system in memory: all names are entries, all contents pages of a cache. */
#ifndef ATMAN_FS_RAMFS_H
#define ATMAN_FS_RAMFS_H

#include "fs/cache.h"
#include "fs/vnode.h"

static const size_t RAMFS_UNLIMITED = ~0ul >> 1;

/* mount->own of one that has limits (tmpfs). */
struct ramfs_limits {
    struct cache_quota pages;
    size_t files_most, files; /* files: atomic */
    unsigned mode, uid, gid;  /* that the topmost directory had at first */
};

/*
 * One of that type ("rootfs", "tmpfs"), with an empty topmost directory of that mode, that
 * is mounted nowhere yet. limits, which may be NULL, are from heap_alloc and taken over.
 * NULL: no memory.
 */
struct mount *ramfs_make(const char *type, const char *source, unsigned mode,
                         struct ramfs_limits *limits);

/* A regular file without a name, or NULL (O_TMPFILE, memfd_create). */
struct vnode *ramfs_file(struct mount *mount, unsigned mode);

/* Page index of the file's contents is that page, which stays its owner's; size is not
 * changed. Nobody else knows the file yet. -ENOMEM. */
long ramfs_adopt(struct vnode *file, uint64_t index, void *page);

#endif
