/* SPDX-License-Identifier: MIT */
/*
 * AF_INET and AF_INET6: what streams, datagrams and raw sockets have in common. All but
 * `events` is under net_lock, or as it says. A socket of AF_INET6 may speak IPv4 as well,
 * unless it is only6; addresses are then written ::ffff:a.b.c.d for the program.
 */
#ifndef ATMAN_NET_INET_H
#define ATMAN_NET_INET_H

#include <poll.h>

#include "fs/socket.h"
#include "lwip/ip.h"
#include "lwip/ip_addr.h"
#include "sched/mutex.h"

enum {
    CAN_READ = POLLIN | POLLRDNORM,
    CAN_WRITE = POLLOUT | POLLWRNORM,
    CLOSED_IN = 1, /* nothing comes any more: the peer said so, or shutdown */
    CLOSED_OUT = 2,
    CLOSED_BOTH = 3,
};

/* A pcb's so_options, beside lwIP's own. SOF_REUSEADDR is always set there, so that lwIP
 * leaves it to net/port.c. */
enum { ENDS_REUSE = 0x40, ENDS_SHARE = 0x80 };

struct end {
    ip_addr_t address;
    uint16_t port; /* in the host's order */
};

/* Options that are the same for all, by their names of IPv4 and IPv6. */
struct inet_options {
    int ttl, hops;      /* -1: the default */
    int many_ttl;       /* IP_MULTICAST_TTL, IPV6_MULTICAST_HOPS; -1 */
    uint8_t tos, class; /* IP_TOS, IPV6_TCLASS */
    bool many_loop;     /* what is sent to a group comes back */
    uint8_t many_index; /* the interface for groups, or 0 */
    bool tells_info4, tells_info6, tells_ttl, tells_hops, tells_tos, tells_class;
    bool tells_errors4, tells_errors6; /* are only kept */
    bool has_header;                   /* IP_HDRINCL */
    int discovers4, discovers6;        /* IP_MTU_DISCOVER; is only kept */
    bool transparent, free_bind;       /* are only kept */
};

struct inet {
    struct socket socket;          /* must be first */
    struct mutex reading, writing; /* taken before net_lock */
    unsigned events;               /* POLL*; atomic */
    uint8_t closed;                /* CLOSED_* */
    bool only6;
    bool is_bound; /* local.port is its own */
    struct end local, remote;
    struct inet_options options;
};

static inline struct inet *inet_of(struct socket *socket) {
    return (struct inet *)(void *)socket;
}

/* A family's make; sys/socket.c. */
long inet_make(int type, int protocol, struct socket **made);
long inet6_make(int type, int protocol, struct socket **made);

/* stream.c, datagram.c */
long stream_make(int family, struct socket **made);
long datagram_make(int family, int type, int protocol, struct socket **made);

void inet_init(struct inet *i, const struct socket_ops *ops, int family, int type,
               int protocol);

/* What is true now; whoever waits is told of those in `tell`, which may be 0. */
void inet_tell(struct inet *i, unsigned events, unsigned tell);

/* address.c. -EINVAL, -EAFNOSUPPORT; -ENETUNREACH: IPv4 for one that is only6. */
long inet_read_address(const struct inet *i, const struct sockaddr_storage *from,
                       unsigned size, struct end *to);
void inet_write_address(const struct inet *i, const struct end *from,
                        struct sockaddr_storage *to, unsigned *size);
/* For an address that is not the loopback's: waits until interfaces have theirs. Without
 * the lock. */
void inet_settle(const struct sockaddr_storage *to);
/* The address that is no address, of the kind of socket. */
void inet_any(const struct inet *i, ip_addr_t *any);
/* An address of ours that is written beside the program's: in6_addr's 16 bytes. */
void inet_mapped(const ip_addr_t *from, void *to);
/* bind's: with an address of ours, or none, or a group's. -EADDRNOTAVAIL and as above. */
long inet_read_own(const struct inet *i, const struct sockaddr_storage *from, unsigned size,
                   bool groups, struct end *to);
/* From which of our addresses something goes there, which is NULL: any. -ENETUNREACH. */
long inet_route(const struct inet *i, const ip_addr_t *to, ip_addr_t *source,
                struct netif **by);

/* port.c. Who has that end, if a socket with those options is to have it, too? */
bool port_is_taken(bool stream, const struct end *end, uint8_t ends);
/* A free one; 0: there is none. */
uint16_t port_choose(bool stream, const ip_addr_t *address, uint8_t ends);
uint8_t port_ends(const struct inet *i);

/* options.c */
long inet_set(struct socket *socket, int level, int name, const void *value, unsigned size);
long inet_get(struct socket *socket, int level, int name, void *value, unsigned *size);
void inet_init_options(struct inet *i);

/* lwIP's error as the program knows it: negative. */
long inet_error(err_t error);

/* interface.c: SIOCGIF* and the like, of any socket; -ENOTTY. */
long interface_control(unsigned request, unsigned long argument);

/* netlink.c */
long netlink_make(int type, int protocol, struct socket **made);

#endif
