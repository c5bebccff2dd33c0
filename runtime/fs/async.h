/* SPDX-License-Identifier: MIT */
/* A signal when a file becomes ready: O_ASYNC, and who gets which (F_SETOWN, F_SETSIG). */
#ifndef ATMAN_FS_ASYNC_H
#define ATMAN_FS_ASYNC_H

#include "base.h"

struct file;

struct async_ops {
    /* fcntl's commands about that: F_GETOWN, F_SETOWN, F_GETOWN_EX, F_SETOWN_EX, F_GETSIG,
     * F_SETSIG. */
    long (*control)(struct file *file, int command, unsigned long argument);

    /* The file's O_ASYNC is set or not; fd is what a signal tells. Nothing, of a kind of
     * file that has none. -ENOMEM. */
    long (*set)(struct file *file, int fd, bool on);

    /* The file, whose async is not NULL, goes. */
    void (*end)(struct file *file);
};

/* NULL until async_use: in a program that cannot ask for it. */
extern const struct async_ops *async_ops;
void async_use(void);

#endif
