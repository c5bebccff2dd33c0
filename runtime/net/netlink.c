/* SPDX-License-Identifier: MIT */
/*
 * Netlink's route family, as far as getifaddrs and if_nameindex ask it: lists of interfaces
 * and of addresses. Each request is answered at once; the answer waits in pieces, which are
 * what one receive gets.
 */
#include <errno.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sys/ioctl.h>

#include "base/list.h"
#include "base/string.h"
#include "lwip/netif.h"
#include "mm/heap.h"
#include "net/inet.h"
#include "net/interface.h"
#include "net/loop.h"
#include "net/netif.h"
#include "net/stack.h"
#include "pv/access.h"

/* Linux's, by its <linux/netlink.h>, <linux/rtnetlink.h> and others. */
enum {
    ROUTE = 0,
    MESSAGE_ERROR = 2,
    MESSAGE_DONE = 3,
    NEW_LINK = 16,
    GET_LINK = 18,
    NEW_ADDRESS = 20,
    GET_ADDRESS = 22,
    FLAG_ACK = 4,
    FLAG_MULTI = 2,
    LINK_ADDRESS = 1,
    LINK_BROADCAST = 2,
    LINK_NAME = 3,
    LINK_MTU = 4,
    ADDRESS_ADDRESS = 1,
    ADDRESS_LOCAL = 2,
    ADDRESS_LABEL = 3,
    ADDRESS_BROADCAST = 4,
    PERMANENT = 0x80,
    SCOPE_HOST = 254,
    SCOPE_LINK = 253,
    PIECE = 3072, /* a message begins before */
};

struct message_header {
    uint32_t size;
    uint16_t type, flags;
    uint32_t sequence, port;
};

struct link_message {
    uint8_t family, pad;
    uint16_t type;
    int32_t index;
    uint32_t flags, change;
};

struct address_message {
    uint8_t family, prefix, flags, scope;
    uint32_t index;
};

struct sockaddr_netlink {
    uint16_t family, pad;
    uint32_t port, groups;
};

struct piece {
    struct list node;
    uint32_t size;
    char data[];
};

struct netlink {
    struct socket socket; /* must be first */
    struct mutex mutex;
    struct list pieces;
    uint32_t port;
    unsigned events; /* atomic */
};

/* An answer that is being written. */
struct answer {
    struct netlink *socket;
    struct message_header request;
    struct piece *piece;
    uint32_t begun; /* where the message is */
    bool failed;
};

static struct netlink *netlink_of(struct socket *socket) {
    return (struct netlink *)(void *)socket;
}

static void *put(struct answer *a, const void *data, uint32_t size) {
    uint32_t room = ROUND_UP(size, 4);
    void *at = a->piece->data + a->piece->size;

    memset(at, 0, room);
    memcpy(at, data, size);
    a->piece->size += room;
    return at;
}

static bool begin(struct answer *a, uint16_t type) {
    struct message_header h = {.type = type,
                               .flags = FLAG_MULTI,
                               .sequence = a->request.sequence,
                               .port = a->socket->port};

    if (!a->piece || a->piece->size > PIECE) {
        a->piece = heap_alloc(PAGE_SIZE);
        if (!a->piece) {
            a->failed = true;
            return false;
        }
        list_insert(&a->piece->node, &a->socket->pieces);
    }
    a->begun = a->piece->size;
    put(a, &h, sizeof h);
    return true;
}

static void finish(struct answer *a) {
    uint32_t size = a->piece->size - a->begun;

    memcpy(a->piece->data + a->begun, &size, sizeof size);
}

static void attribute(struct answer *a, uint16_t type, const void *data, uint16_t size) {
    struct {
        uint16_t size, type;
    } h = {(uint16_t)(sizeof h + size), type};

    put(a, &h, sizeof h);
    put(a, data, size);
}

static void list_link(struct answer *a, const struct netif *netif) {
    struct link_message link = {.type = loop_is(netif) ? ARPHRD_LOOPBACK : ARPHRD_ETHER,
                                .index = netif_get_index(netif),
                                .flags = interface_flags(netif)};
    char name[INTERFACE_NAME];
    uint8_t hardware[6] = {0}, broadcast[6] = {0};
    uint32_t mtu = interface_mtu(netif);

    if (!begin(a, NEW_LINK))
        return;
    interface_name(netif, name);
    memcpy(hardware, netif->hwaddr, MIN((size_t)netif->hwaddr_len, sizeof hardware));
    if (!loop_is(netif))
        memset(broadcast, 0xff, sizeof broadcast);
    put(a, &link, sizeof link);
    attribute(a, LINK_NAME, name, (uint16_t)(strlen(name) + 1));
    attribute(a, LINK_MTU, &mtu, sizeof mtu);
    attribute(a, LINK_ADDRESS, hardware, sizeof hardware);
    attribute(a, LINK_BROADCAST, broadcast, sizeof broadcast);
    finish(a);
}

static uint8_t prefix_of(uint32_t mask) {
    return (uint8_t)__builtin_popcount(mask);
}

static void list_address4(struct answer *a, const struct netif *netif) {
    struct address_message m = {.family = AF_INET,
                                .flags = PERMANENT,
                                .scope = loop_is(netif) ? SCOPE_HOST : 0,
                                .index = netif_get_index(netif)};
    uint32_t own = netif_ip4_addr(netif)->addr, mask = netif_ip4_netmask(netif)->addr;
    uint32_t broadcast = own | ~mask;
    char name[INTERFACE_NAME];

    if (!own || !begin(a, NEW_ADDRESS))
        return;
    m.prefix = prefix_of(mask);
    interface_name(netif, name);
    put(a, &m, sizeof m);
    attribute(a, ADDRESS_ADDRESS, &own, sizeof own);
    attribute(a, ADDRESS_LOCAL, &own, sizeof own);
    if (!loop_is(netif))
        attribute(a, ADDRESS_BROADCAST, &broadcast, sizeof broadcast);
    attribute(a, ADDRESS_LABEL, name, (uint16_t)(strlen(name) + 1));
    finish(a);
}

static void list_address6(struct answer *a, const struct netif *netif, s8_t i) {
    const ip6_addr_t *own = netif_ip6_addr(netif, i);
    struct address_message m = {.family = AF_INET6,
                                .prefix = loop_is(netif) ? 128 : 64,
                                .flags = PERMANENT,
                                .index = netif_get_index(netif)};

    if (!ip6_addr_isvalid(netif_ip6_addr_state(netif, i)) || !begin(a, NEW_ADDRESS))
        return;
    m.scope = loop_is(netif) ? SCOPE_HOST : ip6_addr_islinklocal(own) ? SCOPE_LINK : 0;
    put(a, &m, sizeof m);
    attribute(a, ADDRESS_ADDRESS, own->addr, 16);
    finish(a);
}

/* lwIP's list begins with the interface that came last. */
static void list_all(struct answer *a, bool links, int family) {
    for (unsigned index = 1; index < 256; index++) {
        const struct netif *netif = netif_get_by_index((u8_t)index);
        if (!netif)
            continue;
        if (links)
            list_link(a, netif);
        if (!links && family != AF_INET6)
            list_address4(a, netif);
        for (s8_t i = 0; !links && family != AF_INET && i < LWIP_IPV6_NUM_ADDRESSES; i++)
            list_address6(a, netif, i);
    }
}

static void finish_all(struct answer *a, uint16_t type, int32_t error) {
    if (!begin(a, type))
        return;
    put(a, &error, sizeof error);
    if (type == MESSAGE_ERROR)
        put(a, &a->request, sizeof a->request);
    finish(a);
}

static long answer(struct netlink *n, const struct message_header *request, int family) {
    struct answer a = {.socket = n, .request = *request};

    netifs_settle();
    net_enter();
    if (request->type == GET_LINK || request->type == GET_ADDRESS) {
        list_all(&a, request->type == GET_LINK, family);
        finish_all(&a, MESSAGE_DONE, 0);
    } else {
        finish_all(&a, MESSAGE_ERROR, -EOPNOTSUPP);
    }
    net_leave();
    return a.failed ? -ENOBUFS : 0;
}

static void tell(struct netlink *n) {
    unsigned events = CAN_WRITE | (list_is_empty(&n->pieces) ? 0 : CAN_READ);

    __atomic_store_n(&n->events, events, __ATOMIC_SEQ_CST);
    ready_notify(&n->socket.ready, events);
}

static long netlink_send(struct socket *socket, struct message *m) {
    struct netlink *n = netlink_of(socket);
    size_t size = m->data.left;
    struct {
        struct message_header header;
        uint8_t family, rest[15];
    } request = {0};
    long got = transfer_get(&m->data, &request, MIN(size, sizeof request));

    if (got < 0)
        return got;
    if ((size_t)got < sizeof request.header || request.header.size < sizeof request.header)
        return -EINVAL;
    mutex_take(&n->mutex);
    if (!n->port)
        n->port = 1;
    long error = answer(n, &request.header, request.family);
    tell(n);
    mutex_drop(&n->mutex);
    return error ? error : (long)size;
}

static void tell_sender(struct message *m) {
    struct sockaddr_netlink from = {.family = AF_NETLINK};

    m->address = (struct sockaddr_storage){0};
    memcpy(&m->address, &from, m->address_size = sizeof from);
}

static long take(struct netlink *n, struct message *m) {
    long got = -EAGAIN;

    mutex_take(&n->mutex);
    if (!list_is_empty(&n->pieces)) {
        struct piece *p = LIST_RECORD(n->pieces.next, struct piece, node);
        got = transfer_put(&m->data, p->data, p->size);
        if (got >= 0 && (uint32_t)got < p->size)
            m->told |= MSG_TRUNC;
        if (got >= 0 && m->flags & MSG_TRUNC)
            got = p->size;
        tell_sender(m);
        if (!(m->flags & MSG_PEEK)) {
            list_remove(&p->node);
            heap_free(p);
            tell(n);
        }
    }
    mutex_drop(&n->mutex);
    return got;
}

static long receive(struct socket *socket, struct message *m) {
    uint64_t until = 0;

    for (;;) {
        uint32_t seen = ready_seen(&socket->ready);
        long n = take(netlink_of(socket), m);
        if (n != -EAGAIN || !m->waits)
            return n;
        n = socket_wait(&socket->ready, seen, socket->receive_limit, &until);
        if (n)
            return n;
    }
}

static long netlink_bind(struct socket *socket, const struct sockaddr_storage *to,
                         unsigned size) {
    struct sockaddr_netlink name;

    if (size < sizeof name || to->ss_family != AF_NETLINK)
        return -EINVAL;
    memcpy(&name, to, sizeof name);
    netlink_of(socket)->port = name.port ? name.port : 1;
    return 0;
}

static long netlink_connect(struct socket *socket, const struct sockaddr_storage *to,
                            unsigned size, bool waits) {
    (void)socket, (void)to, (void)size, (void)waits;
    return 0;
}

static long no_listen(struct socket *socket, int backlog) {
    (void)socket, (void)backlog;
    return -EOPNOTSUPP;
}

static long no_accept(struct socket *socket, struct socket **accepted) {
    (void)socket, (void)accepted;
    return -EOPNOTSUPP;
}

static long no_shutdown(struct socket *socket, int how) {
    (void)socket, (void)how;
    return -EOPNOTSUPP;
}

static long tell_name(struct socket *socket, bool peer, struct sockaddr_storage *name,
                      unsigned *size) {
    struct sockaddr_netlink own = {.family = AF_NETLINK,
                                   .port = peer ? 0 : netlink_of(socket)->port};

    *name = (struct sockaddr_storage){0};
    memcpy(name, &own, *size = sizeof own);
    return 0;
}

static unsigned netlink_poll(struct socket *socket) {
    return __atomic_load_n(&netlink_of(socket)->events, __ATOMIC_SEQ_CST);
}

static long control(struct socket *socket, unsigned request, unsigned long argument) {
    (void)socket, (void)request, (void)argument;
    return -ENOTTY;
}

static void release(struct socket *socket) {
    struct netlink *n = netlink_of(socket);

    while (!list_is_empty(&n->pieces)) {
        struct piece *p = LIST_RECORD(n->pieces.next, struct piece, node);
        list_remove(&p->node);
        heap_free(p);
    }
    heap_free(n);
}

static const struct socket_ops ops = {.bind = netlink_bind,
                                      .connect = netlink_connect,
                                      .listen = no_listen,
                                      .accept = no_accept,
                                      .name = tell_name,
                                      .send = netlink_send,
                                      .receive = receive,
                                      .shutdown = no_shutdown,
                                      .poll = netlink_poll,
                                      .control = control,
                                      .release = release};

long netlink_make(int type, int protocol, struct socket **made) {
    struct netlink *n;

    if (type != SOCK_RAW && type != SOCK_DGRAM)
        return -ESOCKTNOSUPPORT;
    if (protocol != ROUTE)
        return -EPROTONOSUPPORT;
    long error = stack_start();
    if (error)
        return error;
    n = heap_alloc(sizeof *n);
    if (!n)
        return -ENOMEM;
    socket_init(&n->socket, &ops, AF_NETLINK, type);
    list_init(&n->pieces);
    tell(n);
    *made = &n->socket;
    return 0;
}
