/* SPDX-License-Identifier: MIT */
#include "net/inet.h"

#include <errno.h>
#include <netinet/in.h>

#include "base/linked.h"
#include "net/setup.h"
#include "net/stack.h"

void inet_tell(struct inet *i, unsigned events, unsigned tell) {
    if (i->socket.error)
        events |= POLLERR;
    __atomic_store_n(&i->events, events, __ATOMIC_SEQ_CST);
    tell |= events & (POLLERR | POLLHUP);
    if (tell)
        ready_notify(&i->socket.ready, tell);
}

void inet_init(struct inet *i, const struct socket_ops *ops, int family, int type,
               int protocol) {
    socket_init(&i->socket, ops, family, type);
    i->socket.protocol = protocol;
    inet_init_options(i);
    inet_any(i, &i->local.address);
    inet_any(i, &i->remote.address);
}

static long make(int family, int type, int protocol, struct socket **made) {
    if (type != SOCK_STREAM && type != SOCK_DGRAM && type != SOCK_RAW)
        return -ESOCKTNOSUPPORT;
    if (protocol < 0 || protocol >= IPPROTO_MAX)
        return -EINVAL;
    if (type == SOCK_STREAM && protocol && protocol != IPPROTO_TCP)
        return -EPROTONOSUPPORT;
    if (type == SOCK_DGRAM && protocol && protocol != IPPROTO_UDP)
        return -EPROTONOSUPPORT;
    if (type == SOCK_RAW && (!protocol || protocol > 255))
        return -EPROTONOSUPPORT;
    long error = stack_start();
    if (error)
        return error;
    return type == SOCK_STREAM ? stream_make(family, made)
                               : datagram_make(family, type, protocol, made);
}

long inet_make(int type, int protocol, struct socket **made) {
    WHERE_LINKED(inet_make, setup_linked);
    return make(AF_INET, type, protocol, made);
}

long inet6_make(int type, int protocol, struct socket **made) {
    return make(AF_INET6, type, protocol, made);
}

long inet_error(err_t error) {
    switch (error) {
    case ERR_OK:
        return 0;
    case ERR_MEM:
    case ERR_BUF:
        return -ENOBUFS;
    case ERR_TIMEOUT:
        return -ETIMEDOUT;
    case ERR_RTE:
        return -ENETUNREACH;
    case ERR_USE:
        return -EADDRINUSE;
    case ERR_ALREADY:
        return -EALREADY;
    case ERR_ISCONN:
        return -EISCONN;
    case ERR_CONN:
        return -ENOTCONN;
    case ERR_IF:
        return -EHOSTUNREACH;
    case ERR_ABRT:
        return -ECONNABORTED;
    case ERR_RST:
        return -ECONNRESET;
    case ERR_CLSD:
        return -ENOTCONN;
    default:
        return -EINVAL;
    }
}
