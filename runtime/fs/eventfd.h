/* SPDX-License-Identifier: MIT */
#ifndef ATMAN_FS_EVENTFD_H
#define ATMAN_FS_EVENTFD_H

#include "base.h"

struct file;

/* A new one with that value; flags are O_NONBLOCK or 0. NULL: no memory. */
struct file *eventfd_make(unsigned value, unsigned flags, bool is_semaphore);

#endif
