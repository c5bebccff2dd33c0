/* SPDX-License-Identifier: MIT */
/*
 * Locks on files that programs agree upon: of the whole file (flock), which belong to an
 * open file; of ranges of bytes (fcntl), which belong to an open file (F_OFD_*) or to the
 * process. The process never stands in its own way; the others conflict as Linux has it.
 */
#ifndef ATMAN_FS_LOCKS_H
#define ATMAN_FS_LOCKS_H

struct file;

/* F_GETLK, F_SETLK, F_SETLKW and their F_OFD_ kin; argument: struct flock. NULL until
 * locks_use: in a program that cannot ask for them. */
extern long (*locks_control)(struct file *file, int command, unsigned long argument);
void locks_use(void);

/* flock's. */
long locks_whole(struct file *file, int operation);

/* A descriptor of the file is closed: the process's locks go. */
void locks_flush(struct file *file);

/* The file is: its own go. */
void locks_release(struct file *file);

#endif
