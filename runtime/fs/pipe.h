/* SPDX-License-Identifier: MIT */
/* Pipes and FIFOs. */
#ifndef ATMAN_FS_PIPE_H
#define ATMAN_FS_PIPE_H

#include "base.h"

struct file;
struct vnode;

/* The two ends of a new pipe, with these status flags. -ENOMEM. */
long pipe_make(unsigned flags, struct file *ends[2]);

/*
 * file, of that access mode and status, becomes an end (or both) of the FIFO. Waits until
 * there is another end, as open(2) does, so no lock is held. -ENXIO, -ENOMEM, -EINTR or an
 * error of sched/settle.h; the file has no object then.
 */
long fifo_open(struct vnode *vnode, struct file *file);

#endif
