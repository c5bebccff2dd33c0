/* SPDX-License-Identifier: MIT */
#ifndef ATMAN_FS_TIMERFD_H
#define ATMAN_FS_TIMERFD_H

#include "base.h"

struct alarm_time;
struct file;

/* A new one for that clock of the program's; flags are O_NONBLOCK or 0. -EINVAL: there are
 * no timers on it; -ENOMEM. */
long timerfd_make(int clock, unsigned flags, struct file **made);

/* As alarm_set and alarm_get (sched/alarm.h). -EINVAL: file is no timerfd. */
long timerfd_set(struct file *file, bool absolute, uint64_t first, uint64_t interval,
                 struct alarm_time *old);
long timerfd_get(struct file *file, struct alarm_time *time);

#endif
