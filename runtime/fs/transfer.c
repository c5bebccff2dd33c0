/* SPDX-License-Identifier: MIT */
#include "fs/transfer.h"

#include <errno.h>
#include <sys/uio.h>

#include "base/string.h"
#include "pv/access.h"

struct transfer transfer_buffer(void *at, size_t size) {
    size = MIN(size, (size_t)TRANSFER_LIMIT);
    return (struct transfer){.at = at, .here = size, .left = size};
}

struct transfer transfer_own(void *at, size_t size) {
    return (struct transfer){.at = at, .here = size, .left = size, .own = true};
}

/* All sizes are looked at first, so that a bad one moves nothing. */
long transfer_parts(struct transfer *t, const struct iovec *parts, int count) {
    struct iovec part;

    *t = (struct transfer){.parts = parts};
    if (count < 0 || count > TRANSFER_PARTS)
        return -EINVAL;
    for (int i = 0; i < count; i++) {
        if (user_read(&part, &parts[i], sizeof part))
            return -EFAULT;
        if ((long)part.iov_len < 0)
            return -EINVAL;
        t->left = MIN(t->left + part.iov_len, (size_t)TRANSFER_LIMIT);
    }
    return 0;
}

/* There is something left: the next part that is not empty. */
static long next_part(struct transfer *t) {
    struct iovec part;

    while (!t->here) {
        if (user_read(&part, t->parts++, sizeof part))
            return -EFAULT;
        t->at = part.iov_base;
        t->here = MIN(part.iov_len, t->left);
    }
    return 0;
}

enum direction { PUT, GET, ZERO };

static long copy(const struct transfer *t, void *with, size_t size, enum direction way) {
    static const char zeros[256];

    if (way == GET && t->own)
        memcpy(with, t->at, size);
    else if (way == GET)
        return user_read(with, t->at, size);
    else if (way == ZERO)
        return user_write(t->at, zeros, size);
    else if (t->own)
        memcpy(t->at, with, size);
    else
        return user_write(t->at, with, size);
    return 0;
}

/* A copy that fails is made again up to the page that cannot be accessed. */
static long move(struct transfer *t, char *with, size_t size, enum direction way) {
    size_t done = 0;

    size = MIN(size, t->left);
    while (done < size) {
        if (!t->here && next_part(t))
            break;
        size_t n = MIN(size - done, t->here);
        if (way == ZERO)
            n = MIN(n, 256ul);
        if (copy(t, with + (way == ZERO ? 0 : done), n, way)) {
            size_t to_page = PAGE_SIZE - ((unsigned long)t->at & (PAGE_SIZE - 1));
            if (n <= to_page || copy(t, with + (way == ZERO ? 0 : done), n = to_page, way))
                break;
        }
        t->at += n;
        t->here -= n;
        t->left -= n;
        done += n;
    }
    return done || !size ? (long)done : -EFAULT;
}

long transfer_put(struct transfer *t, const void *from, size_t size) {
    return move(t, (char *)(unsigned long)from, size, PUT);
}

long transfer_get(struct transfer *t, void *to, size_t size) {
    return move(t, to, size, GET);
}

long transfer_zero(struct transfer *t, size_t size) {
    return move(t, (char *)t, size, ZERO);
}
