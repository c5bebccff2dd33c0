/* SPDX-License-Identifier: MIT */
/* /proc and /sys: what programs read there of themselves and of the machine. */
#ifndef ATMAN_FS_PROC_H
#define ATMAN_FS_PROC_H

struct mount;

/* One to be mounted, by its type: "proc", "sysfs"; the options are not looked at. -ENOMEM.
 */
long proc_make(const char *type, const char *source, const char *options,
               struct mount **made);

/* Mounts both. -ENOMEM. */
long proc_start(void);

#endif
