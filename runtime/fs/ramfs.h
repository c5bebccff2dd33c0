/* SPDX-License-Identifier: MIT */
/* The file system in memory: all names are entries, all contents pages of a cache. */
#ifndef ATMAN_FS_RAMFS_H
#define ATMAN_FS_RAMFS_H

#include "fs/vnode.h"

/* A mounted one, of that type ("rootfs", "tmpfs"), with an empty topmost directory, that
 * is mounted nowhere yet. NULL: no memory. */
struct mount *ramfs_mount(const char *type, const char *source);

/* A regular file without a name, or NULL (O_TMPFILE, memfd_create). */
struct vnode *ramfs_file(struct mount *mount, unsigned mode);

/* Page index of the file's contents is that page, which stays its owner's; size is not
 * changed. Nobody else knows the file yet. -ENOMEM. */
long ramfs_adopt(struct vnode *file, uint64_t index, void *page);

#endif
