/* SPDX-License-Identifier: MIT */
/* /proc and /sys: what programs read there of themselves and of the machine. */
#ifndef ATMAN_FS_PROC_H
#define ATMAN_FS_PROC_H

/* Mounts both. -ENOMEM. */
long proc_start(void);

#endif
