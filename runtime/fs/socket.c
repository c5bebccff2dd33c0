/* SPDX-License-Identifier: MIT */
/* Sockets as files, and their options. */
#include "fs/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/time.h>

#include "base/string.h"
#include "pv/access.h"
#include "sched/clock.h"

enum { BUFFER = 212992, LEAST_SEND = 4608, LEAST_RECEIVE = 2304 };

long (*socket_interfaces)(unsigned request, unsigned long argument);

void socket_init(struct socket *s, const struct socket_ops *ops, int family, int type) {
    s->ops = ops;
    s->family = family;
    s->type = type;
    s->send_size = s->receive_size = BUFFER;
    ready_init(&s->ready);
}

long socket_take_error(struct socket *s) {
    return -(long)__atomic_exchange_n(&s->error, 0, __ATOMIC_SEQ_CST);
}

/* A call with a time limit is not made again after a handler, as under Linux. */
long socket_wait(struct ready *ready, uint32_t seen, uint64_t limit, uint64_t *until) {
    if (limit && !*until)
        *until = clock_monotonic() + limit;
    long error = ready_wait(ready, seen, *until, !limit);
    return error == -ETIMEDOUT ? -EAGAIN : error;
}

/* As files */

static long read_socket(struct file *file, struct transfer *to, int64_t *position) {
    struct socket *s = file->object;
    struct message m = {.data = *to, .waits = !to->no_wait && !(file->flags & O_NONBLOCK)};

    (void)position;
    return s->ops->receive(s, &m);
}

static long write_socket(struct file *file, struct transfer *from, int64_t *position) {
    struct socket *s = file->object;
    struct message m = {.data = *from,
                        .waits = !from->no_wait && !(file->flags & O_NONBLOCK)};

    (void)position;
    return s->ops->send(s, &m);
}

static unsigned poll_socket(struct file *file) {
    struct socket *s = file->object;

    return s->ops->poll(s);
}

static struct ready *ready_of(struct file *file) {
    return &((struct socket *)file->object)->ready;
}

static long control_socket(struct file *file, unsigned request, unsigned long argument) {
    struct socket *s = file->object;

    long error = s->ops->control(s, request, argument);

    return error == -ENOTTY && socket_interfaces ? socket_interfaces(request, argument)
                                                 : error;
}

static long stat_socket(struct file *file, struct stat *stat) {
    *stat = (struct stat){.st_mode = S_IFSOCK | 0777,
                          .st_nlink = 1,
                          .st_ino = (unsigned long)file->object / 16,
                          .st_blksize = 4096};
    return 0;
}

static void close_descriptor(struct file *file) {
    struct socket *s = file->object;

    if (s->ops->closing)
        s->ops->closing(s, file);
}

static void release_socket(struct file *file) {
    struct socket *s = file->object;

    s->ops->release(s);
}

static const struct file_ops socket_file_ops = {.read = read_socket,
                                                .write = write_socket,
                                                .poll = poll_socket,
                                                .ready = ready_of,
                                                .ioctl = control_socket,
                                                .stat = stat_socket,
                                                .flush = close_descriptor,
                                                .release = release_socket,
                                                .waits = true,
                                                .signals = true,
                                                .name = "socket:"};

struct file *socket_file(struct socket *s, unsigned flags) {
    struct file *file = file_make(&socket_file_ops, O_RDWR | flags, s);

    if (!file)
        s->ops->release(s);
    return file;
}

struct socket *socket_of(const struct file *file) {
    return file->ops == &socket_file_ops ? file->object : NULL;
}

/* Options. Numbers, but for times, linger and credentials. */

static bool is_kept(int name) {
    return name == SO_DEBUG || name == SO_REUSEADDR || name == SO_DONTROUTE ||
           name == SO_BROADCAST || name == SO_KEEPALIVE || name == SO_OOBINLINE ||
           name == SO_REUSEPORT || name == SO_TIMESTAMP;
}

static long set_limit(uint64_t *limit, const void *value, unsigned size) {
    struct timeval t;

    if (size < sizeof t)
        return -EINVAL;
    memcpy(&t, value, sizeof t);
    if (t.tv_usec < 0 || t.tv_usec >= 1000000)
        return -EDOM;
    uint64_t seconds = t.tv_sec < 0 ? 0 : MIN((uint64_t)t.tv_sec, 1ul << 33);
    *limit = seconds * NS_PER_SEC + (uint64_t)t.tv_usec * 1000;
    if (t.tv_sec < 0)
        *limit = 1;
    return 0;
}

/* Twice of what is asked for, for what comes with it: Linux tells that, too. */
static void set_buffer(unsigned *to, int wanted, unsigned least) {
    unsigned size = (unsigned)wanted > BUFFER ? BUFFER : (unsigned)wanted;

    size *= 2;
    *to = size < least ? least : size;
}

static long set_common(struct socket *s, int name, const void *value, unsigned size) {
    int number;

    if (name == SO_SNDTIMEO || name == SO_RCVTIMEO)
        return set_limit(name == SO_SNDTIMEO ? &s->send_limit : &s->receive_limit, value,
                         size);
    if (size < sizeof number)
        return -EINVAL;
    memcpy(&number, value, sizeof number);
    switch (name) {
    case SO_SNDBUF:
    case SO_SNDBUFFORCE:
        set_buffer(&s->send_size, number, LEAST_SEND);
        s->send_is_set = true;
        ready_notify(&s->ready, 0);
        return 0;
    case SO_RCVBUF:
    case SO_RCVBUFFORCE:
        set_buffer(&s->receive_size, number, LEAST_RECEIVE);
        s->receive_is_set = true;
        return 0;
    case SO_PASSCRED:
        s->passes_credentials = number;
        return 0;
    case SO_LINGER:
        if (size < sizeof s->linger)
            return -EINVAL;
        memcpy(&s->linger, value, sizeof s->linger);
        return 0;
    case SO_TYPE:
    case SO_DOMAIN:
    case SO_PROTOCOL:
    case SO_ERROR:
    case SO_ACCEPTCONN:
        return -ENOPROTOOPT;
    }
    if (!is_kept(name) && s->ops->set)
        return s->ops->set(s, SOL_SOCKET, name, value, size);
    if (!is_kept(name))
        return -ENOPROTOOPT;
    s->options = (s->options & ~(1u << name)) | (number ? 1u << name : 0);
    return 0;
}

long socket_set_option(struct socket *s, int level, int name, const void *value,
                       unsigned size) {
    if (level == SOL_SOCKET) {
        long error = set_common(s, name, value, size);
        if (!error && s->ops->changed)
            s->ops->changed(s, name);
        return error;
    }
    return s->ops->set ? s->ops->set(s, level, name, value, size) : -EOPNOTSUPP;
}

static long get_number(struct socket *s, int name, int *number) {
    switch (name) {
    case SO_TYPE:
        *number = s->type;
        return 0;
    case SO_DOMAIN:
        *number = s->family;
        return 0;
    case SO_PROTOCOL:
        *number = s->protocol;
        return 0;
    case SO_ERROR:
        *number = (int)-socket_take_error(s);
        return 0;
    case SO_SNDBUF:
        *number = (int)s->send_size;
        return 0;
    case SO_RCVBUF:
        *number = (int)s->receive_size;
        return 0;
    case SO_ACCEPTCONN:
        *number = s->listens;
        return 0;
    case SO_PASSCRED:
        *number = s->passes_credentials;
        return 0;
    case SO_RCVLOWAT:
        *number = 1;
        return 0;
    }
    if (!is_kept(name))
        return -ENOPROTOOPT;
    *number = s->options >> name & 1;
    return 0;
}

static long get_common(struct socket *s, int name, void *value, unsigned *size) {
    const uint64_t *limit = name == SO_SNDTIMEO ? &s->send_limit : &s->receive_limit;
    struct timeval t = {(long)(*limit / NS_PER_SEC), (long)(*limit % NS_PER_SEC / 1000)};
    const void *from = &t;
    unsigned have = sizeof t;
    int number;

    if (name == SO_LINGER) {
        from = &s->linger;
        have = sizeof s->linger;
    } else if (name != SO_SNDTIMEO && name != SO_RCVTIMEO) {
        long error = get_number(s, name, &number);
        if (error && s->ops->get)
            return s->ops->get(s, SOL_SOCKET, name, value, size);
        if (error)
            return error;
        from = &number;
        have = sizeof number;
    }
    *size = MIN(*size, have);
    memcpy(value, from, *size);
    return 0;
}

long socket_get_option(struct socket *s, int level, int name, void *value, unsigned *size) {
    if (level != SOL_SOCKET || name == SO_PEERCRED)
        return s->ops->get ? s->ops->get(s, level, name, value, size) : -EOPNOTSUPP;
    return get_common(s, name, value, size);
}
