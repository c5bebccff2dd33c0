/* SPDX-License-Identifier: MIT */
/* inotify: open files from which what happens to other files can be read. */
#ifndef ATMAN_FS_INOTIFY_H
#define ATMAN_FS_INOTIFY_H

#include "fs/vnode.h"

struct file;

/* NULL: no memory. */
struct file *inotify_make(unsigned flags);

/* IN_* of <sys/inotify.h>; the watch's number. -EINVAL: it is no such file. */
long inotify_add(struct file *file, struct vnode *vnode, unsigned mask);
long inotify_remove(struct file *file, int watch);

#endif
