/* SPDX-License-Identifier: MIT */
/*
 * What a stream is to send: pages in a row. They are filled once, from the program's
 * memory, and stay until the peer has acknowledged them; lwIP only refers to them. The one
 * who holds the stream's `writing` fills pages behind the end; all else is under net_lock.
 */
#ifndef ATMAN_NET_BUFFER_H
#define ATMAN_NET_BUFFER_H

#include "base.h"

struct buffer {
    struct buffer *next;
    char *page;
    uint32_t start, end; /* of what is in it: acknowledged up to start */
};

/* An empty one, or NULL. Without the lock, too. */
struct buffer *buffer_make(void);
void buffer_free(struct buffer *buffer);

#endif
