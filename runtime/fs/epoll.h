/* SPDX-License-Identifier: MIT */
/* epoll: sets of descriptors that keep a list of what is ready. */
#ifndef ATMAN_FS_EPOLL_H
#define ATMAN_FS_EPOLL_H

#include "base.h"

struct epoll_event;
struct file;

/* A new, empty one. NULL: no memory. */
struct file *epoll_make(void);

/*
 * EPOLL_CTL_*, by the descriptor fd of `of`. event is the runtime's; it may be NULL to
 * delete. -EINVAL (also if file is no epoll), -EPERM: `of` is always ready; -ELOOP,
 * -EEXIST, -ENOENT, -ENOMEM.
 */
long epoll_control(struct file *file, int operation, struct file *of, int fd,
                   const struct epoll_event *event);

/*
 * Waits for events, at most count, which are written for the program, until that moment
 * (as in fs/poll.h): their number. -EINVAL, -EFAULT, -RESTART_UNHANDLED, -EINTR.
 * Handlers are held.
 */
long epoll_wait_for(struct file *file, struct epoll_event *events, int count,
                    uint64_t until);

#endif
