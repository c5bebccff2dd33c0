/* SPDX-License-Identifier: MIT */
#include "net/datagram.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/ioctl.h>

#include "mm/heap.h"
#include "net/stack.h"
#include "pv/access.h"

static unsigned find_events(const struct datagram *d) {
    unsigned events = CAN_WRITE | POLLWRBAND;

    events &= ~(unsigned)POLLWRBAND;
    if (!list_is_empty(&d->packets))
        events |= CAN_READ;
    if (d->inet.closed & CLOSED_IN)
        events |= CAN_READ | POLLRDHUP;
    if (d->inet.closed == CLOSED_BOTH)
        events |= POLLHUP;
    return events;
}

void datagram_tell(struct datagram *d, unsigned tell) {
    inet_tell(&d->inet, find_events(d), tell);
}

static void on_udp(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from,
                   u16_t port) {
    (void)pcb;
    datagram_add(arg, p, from, port);
}

/* Others, and lwIP itself, may want it as well. */
static u8_t on_raw(void *arg, struct raw_pcb *pcb, struct pbuf *p, const ip_addr_t *from) {
    struct pbuf *copy = net_copy(p);

    (void)pcb;
    if (copy)
        datagram_add(arg, copy, from, 0);
    return 0;
}

static const struct socket_ops datagram_ops;

static void make_pcb(struct datagram *d) {
    const struct inet *i = &d->inet;
    uint8_t type = IP_GET_TYPE(&i->local.address);

    if (i->socket.type == SOCK_RAW) {
        d->raw = raw_new_ip_type(type, (u8_t)i->socket.protocol);
        if (d->raw)
            raw_recv(d->raw, on_raw, d);
        if (d->raw && i->socket.protocol == IPPROTO_ICMPV6) {
            d->raw->chksum_reqd = 1;
            d->raw->chksum_offset = 2;
        }
    } else {
        d->udp = udp_new_ip_type(type);
        if (d->udp)
            udp_recv(d->udp, on_udp, d);
    }
}

long datagram_make(int family, int type, int protocol, struct socket **made) {
    struct datagram *d = heap_alloc(sizeof *d);

    if (!d)
        return -ENOMEM;
    inet_init(&d->inet, &datagram_ops, family, type,
              type == SOCK_DGRAM ? IPPROTO_UDP : protocol);
    list_init(&d->packets);
    net_enter();
    make_pcb(d);
    datagram_tell(d, 0);
    net_leave();
    if (!d->udp && !d->raw) {
        heap_free(d);
        return -ENOMEM;
    }
    *made = &d->inet.socket;
    return 0;
}

static void apply(struct datagram *d) {
    const struct inet *i = &d->inet;
    uint8_t options = (uint8_t)(port_ends(i) | SOF_REUSEADDR);

    if (i->socket.options >> SO_BROADCAST & 1)
        options |= SOF_BROADCAST;
    if (d->udp)
        d->udp->so_options = options;
    else
        d->raw->so_options = options;
}

static long bind_locked(struct datagram *d, const struct end *own) {
    struct inet *i = &d->inet;
    struct end end = *own;

    if (i->is_bound)
        return -EINVAL;
    apply(d);
    if (d->raw) {
        i->local = end;
        end.port = i->local.port = 0;
        return inet_error(raw_bind(d->raw, &end.address));
    }
    if (!end.port)
        end.port = port_choose(false, &end.address, 0);
    else if (port_is_taken(false, &end, port_ends(i)))
        return -EADDRINUSE;
    if (!end.port)
        return -EADDRINUSE;
    if (i->only6)
        IP_SET_TYPE_VAL(d->udp->local_ip, IPADDR_TYPE_V6);
    long error = inet_error(udp_bind(d->udp, &end.address, end.port));
    if (!error) {
        i->local = end;
        i->is_bound = true;
    }
    return error;
}

static long datagram_bind(struct socket *socket, const struct sockaddr_storage *to,
                          unsigned size) {
    struct datagram *d = datagram_of(socket);
    struct end end;

    inet_settle(to);
    net_enter();
    long error = inet_read_own(&d->inet, to, size, true, &end);
    if (!error)
        error = bind_locked(d, &end);
    net_leave();
    return error;
}

long datagram_autobind(struct datagram *d) {
    struct end any = {.port = 0};

    if (d->inet.is_bound || d->raw)
        return 0;
    ip_addr_copy(any.address, d->inet.local.address);
    long error = bind_locked(d, &any);
    return error == -EADDRINUSE ? -EAGAIN : error;
}

static void disconnect(struct datagram *d) {
    struct inet *i = &d->inet;

    if (d->udp)
        udp_disconnect(d->udp);
    else
        raw_disconnect(d->raw);
    d->is_connected = false;
    inet_any(i, &i->remote.address);
    i->remote.port = 0;
}

static long connect_locked(struct datagram *d, struct end *to) {
    struct inet *i = &d->inet;
    struct netif *by;
    ip_addr_t source;

    if (ip_addr_isany(&to->address))
        ip_addr_set_loopback(IP_IS_V6(&to->address), &to->address);
    long error = inet_route(i, &to->address, &source, &by);
    if (!error)
        error = datagram_autobind(d);
    if (error)
        return error;
    bool is_broadcast = IP_IS_V4(&to->address) && ip_addr_isbroadcast(&to->address, by);
    if (is_broadcast && !(i->socket.options >> SO_BROADCAST & 1))
        return -EACCES;
    if (d->udp)
        error = inet_error(udp_connect(d->udp, &to->address, to->port));
    else
        error = inet_error(raw_connect(d->raw, &to->address));
    if (error)
        return error;
    d->is_connected = true;
    i->remote = *to;
    if (ip_addr_isany(&i->local.address))
        ip_addr_copy(i->local.address, source);
    return 0;
}

static long datagram_connect(struct socket *socket, const struct sockaddr_storage *to,
                             unsigned size, bool waits) {
    struct datagram *d = datagram_of(socket);
    struct end end;
    long error = 0;

    (void)waits;
    if (size < sizeof(sa_family_t))
        return -EINVAL;
    inet_settle(to);
    net_enter();
    if (to->ss_family == AF_UNSPEC)
        disconnect(d);
    else
        error = inet_read_address(&d->inet, to, size, &end);
    if (!error && to->ss_family != AF_UNSPEC)
        error = connect_locked(d, &end);
    net_leave();
    return error;
}

static long no_listen(struct socket *socket, int backlog) {
    (void)socket, (void)backlog;
    return -EOPNOTSUPP;
}

static long no_accept(struct socket *socket, struct socket **accepted) {
    (void)socket, (void)accepted;
    return -EOPNOTSUPP;
}

static long datagram_name(struct socket *socket, bool peer, struct sockaddr_storage *name,
                          unsigned *size) {
    struct datagram *d = datagram_of(socket);

    net_enter();
    long error = peer && !d->is_connected ? -ENOTCONN : 0;
    if (!error)
        inet_write_address(&d->inet, peer ? &d->inet.remote : &d->inet.local, name, size);
    net_leave();
    return error;
}

/* One that is not connected is shut all the same. */
static long datagram_shutdown(struct socket *socket, int how) {
    struct datagram *d = datagram_of(socket);

    net_enter();
    if (d->is_connected)
        d->inet.closed |= (uint8_t)(how + 1);
    datagram_tell(d, CAN_READ | CAN_WRITE | POLLHUP | POLLRDHUP);
    net_leave();
    return d->is_connected ? 0 : -ENOTCONN;
}

static unsigned datagram_poll(struct socket *socket) {
    struct inet *i = inet_of(socket);
    unsigned events = __atomic_load_n(&i->events, __ATOMIC_SEQ_CST) & ~(unsigned)POLLERR;

    return events | (socket->error ? POLLERR : 0);
}

static long datagram_control(struct socket *socket, unsigned request,
                             unsigned long argument) {
    struct datagram *d = datagram_of(socket);
    int number = 0;

    if (request != FIONREAD && request != TIOCOUTQ)
        return -ENOTTY;
    net_enter();
    if (request == FIONREAD && !list_is_empty(&d->packets))
        number = LIST_RECORD(d->packets.next, struct datagram_packet, node)->data->tot_len;
    net_leave();
    return user_write((void *)argument, &number, sizeof number);
}

static void datagram_changed(struct socket *socket, int name) {
    (void)name;
    net_enter();
    apply(datagram_of(socket));
    net_leave();
}

static void datagram_release(struct socket *socket) {
    struct datagram *d = datagram_of(socket);

    net_enter();
    if (d->udp)
        udp_remove(d->udp);
    else
        raw_remove(d->raw);
    datagram_drop(d);
    net_leave();
    heap_free(d);
}

static const struct socket_ops datagram_ops = {.bind = datagram_bind,
                                               .connect = datagram_connect,
                                               .listen = no_listen,
                                               .accept = no_accept,
                                               .name = datagram_name,
                                               .send = datagram_send,
                                               .receive = datagram_receive,
                                               .shutdown = datagram_shutdown,
                                               .poll = datagram_poll,
                                               .control = datagram_control,
                                               .set = inet_set,
                                               .get = inet_get,
                                               .changed = datagram_changed,
                                               .release = datagram_release};
