/* SPDX-License-Identifier: MIT */
/* From a path to an open file. */
#ifndef ATMAN_FS_OPEN_H
#define ATMAN_FS_OPEN_H

#include "fs/path.h"

struct file;

/* open's flags and mode, umask not applied; walk: PATH_*. The file has one reference. */
long open_path(int directory, const char *path, unsigned flags, unsigned mode,
               unsigned walk, struct file **file);

/* What an entry's file becomes when it is opened, by its type. entry may be NULL (memfd);
 * the file holds references of its own. */
long open_vnode(struct vnode *vnode, struct entry *entry, unsigned flags,
                struct file **file);

/* Opens FIFOs, if there can be any: set by what makes them. */
extern long (*fifo_opener)(struct vnode *vnode, struct file *file);

#endif
