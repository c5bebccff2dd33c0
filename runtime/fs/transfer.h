/* SPDX-License-Identifier: MIT */
/*
 * The program's end of a read or write: one buffer, or several in a row, that are filled or
 * emptied in order by whoever does the call. Or memory of the runtime's own.
 */
#ifndef ATMAN_FS_TRANSFER_H
#define ATMAN_FS_TRANSFER_H

#include "base.h"

struct ahead;
struct iovec;

enum {
    TRANSFER_PARTS = 1024,      /* most */
    TRANSFER_LIMIT = 0x7ffff000 /* bytes of one call, as Linux has it */
};

struct transfer {
    char *at;                  /* the next byte */
    size_t here;               /* bytes left of this part */
    size_t left;               /* and of all */
    const struct iovec *parts; /* the program's, behind this one */
    bool own;                  /* the runtime's memory */
    bool append;               /* to the end of a file, as with O_APPEND */
    bool sync;                 /* to the device, as with O_SYNC */
    bool no_wait;              /* as with O_NONBLOCK */
    struct ahead *ahead;       /* of the file that is read, or NULL */
};

/* One buffer of the program's. */
struct transfer transfer_buffer(void *at, size_t size);

/* One of the runtime's. */
struct transfer transfer_own(void *at, size_t size);

/* Several; -EINVAL, -EFAULT. */
long transfer_parts(struct transfer *t, const struct iovec *parts, int count);

/*
 * Copies to (from) the next bytes, at most as many as are left, and goes on behind them.
 * The number of bytes, less than wanted if the program's memory cannot be accessed; -EFAULT
 * if there are none for that reason.
 */
long transfer_put(struct transfer *t, const void *from, size_t size);
long transfer_get(struct transfer *t, void *to, size_t size);

/* As put, of zeros. */
long transfer_zero(struct transfer *t, size_t size);

#endif
