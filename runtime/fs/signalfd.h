/* SPDX-License-Identifier: MIT */
#ifndef ATMAN_FS_SIGNALFD_H
#define ATMAN_FS_SIGNALFD_H

#include "base.h"

struct file;

/* A new one for those signals; flags are O_NONBLOCK or 0. NULL: no memory. */
struct file *signalfd_make(uint64_t set, unsigned flags);

/* It is for those from now on. -EINVAL: it is no signalfd. */
long signalfd_change(struct file *file, uint64_t set);

#endif
