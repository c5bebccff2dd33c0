/* SPDX-License-Identifier: MIT */
/* What datagrams' sockets send and receive. Data are copied without net_lock. */
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>

#include "lwip/netif.h"
#include "mm/heap.h"
#include "net/datagram.h"
#include "net/loop.h"
#include "net/stack.h"
#include "sched/clock.h"
#include "signal/signal.h"

enum { MOST4 = 65507, MOST6 = 65487, OVERHEAD = 256 /* of a packet that waits */ };

/* Receiving */

static void free_packet(struct datagram_packet *p) {
    pbuf_free(p->data);
    heap_free(p);
}

static size_t cost(const struct datagram_packet *p) {
    return p->data->tot_len + (size_t)OVERHEAD;
}

void datagram_drop(struct datagram *d) {
    while (!list_is_empty(&d->packets)) {
        struct datagram_packet *p =
            LIST_RECORD(d->packets.next, struct datagram_packet, node);
        list_remove(&p->node);
        free_packet(p);
    }
    d->unread = 0;
}

static void note_header(struct datagram_packet *p) {
    if (ip_current_is_v6()) {
        const struct ip6_hdr *h = ip6_current_header();
        p->ttl = IP6H_HOPLIM(h);
        p->tos = (uint8_t)IP6H_TC(h);
    } else {
        const struct ip_hdr *h = ip4_current_header();
        p->ttl = IPH_TTL(h);
        p->tos = IPH_TOS(h);
    }
    ip_addr_copy(p->to, *ip_current_dest_addr());
    p->index = netif_get_index(ip_current_input_netif());
}

void datagram_add(struct datagram *d, struct pbuf *data, const ip_addr_t *from,
                  uint16_t port) {
    struct datagram_packet *p =
        d->unread < d->inet.socket.receive_size ? heap_alloc(sizeof *p) : NULL;

    if (!p) {
        pbuf_free(data);
        return;
    }
    p->data = data;
    ip_addr_copy(p->from.address, *from);
    p->from.port = port;
    p->when = clock_realtime();
    note_header(p);
    list_insert(&p->node, &d->packets);
    d->unread += cost(p);
    datagram_tell(d, CAN_READ);
}

static long copy(const struct datagram_packet *p, struct message *m) {
    long total = 0;

    for (const struct pbuf *q = p->data; q && m->data.left; q = q->next) {
        size_t here = MIN((size_t)q->len, m->data.left);
        long n = transfer_put(&m->data, q->payload, here);
        if (n < 0 || (size_t)n < here)
            return -EFAULT;
        total += n;
    }
    return total;
}

/* `reading` is held: the first packet stays the first. */
static long take(struct datagram *d, struct message *m) {
    struct datagram_packet *p = NULL;
    long n = -EAGAIN;

    net_enter();
    if (!list_is_empty(&d->packets))
        p = LIST_RECORD(d->packets.next, struct datagram_packet, node);
    else if (d->inet.socket.error)
        n = -EIO; /* to be taken */
    else if (d->inet.closed & CLOSED_IN)
        n = 0;
    net_leave();
    if (!p)
        return n;
    n = copy(p, m);
    if (n >= 0) {
        inet_write_address(&d->inet, &p->from, &m->address, &m->address_size);
        if (p->data->tot_len > n)
            m->told |= MSG_TRUNC;
        if (m->flags & MSG_TRUNC)
            n = p->data->tot_len;
        control_write(&d->inet, m, p);
    }
    if (m->flags & MSG_PEEK)
        return n;
    net_enter();
    list_remove(&p->node);
    d->unread -= cost(p);
    free_packet(p);
    datagram_tell(d, 0);
    net_leave();
    return n;
}

static long take_once(struct datagram *d, struct message *m) {
    mutex_take(&d->inet.reading);
    long n = take(d, m);
    mutex_drop(&d->inet.reading);
    if (n == -EIO) {
        n = socket_take_error(&d->inet.socket);
        n = n ? n : -EAGAIN;
    }
    return n;
}

long datagram_receive(struct socket *socket, struct message *m) {
    struct datagram *d = datagram_of(socket);
    uint64_t until = 0;

    if (m->flags & MSG_OOB)
        return -EOPNOTSUPP;
    if (m->flags & MSG_ERRQUEUE)
        return -EAGAIN;
    for (;;) {
        uint32_t seen = ready_seen(&socket->ready);
        long n = take_once(d, m);
        if (n != -EAGAIN || !m->waits)
            return n;
        n = socket_wait(&socket->ready, seen, socket->receive_limit, &until);
        if (n)
            return n;
    }
}

/* Sending */

static long fill(struct pbuf *packet, struct message *m) {
    for (struct pbuf *p = packet; p; p = p->next) {
        long n = p->len ? transfer_get(&m->data, p->payload, p->len) : 0;
        if (n < 0 || n < p->len)
            return -EFAULT;
    }
    return 0;
}

static long find_end(struct datagram *d, const struct message *m, struct end *to) {
    if (!m->address_size) {
        *to = d->inet.remote;
        return d->is_connected ? 0 : -EDESTADDRREQ;
    }
    if (m->address.ss_family == AF_UNSPEC && d->inet.socket.family == AF_INET) {
        struct message as4 = *m;
        as4.address.ss_family = AF_INET;
        return inet_read_address(&d->inet, &as4.address, m->address_size, to);
    }
    return inet_read_address(&d->inet, &m->address, m->address_size, to);
}

static void set_header(struct datagram *d, const ip_addr_t *to,
                       const struct control_wish *wish) {
    const struct inet_options *o = &d->inet.options;
    int ttl = wish->ttl >= 0 ? wish->ttl : IP_IS_V4(to) ? o->ttl : o->hops;
    int tos = wish->tos >= 0 ? wish->tos : IP_IS_V4(to) ? o->tos : o->class;
    uint8_t many = o->many_ttl < 0 ? 1 : (uint8_t)o->many_ttl;

    if (ttl < 0)
        ttl = UDP_TTL;
    if (d->udp) {
        d->udp->ttl = (uint8_t)ttl;
        d->udp->tos = (uint8_t)tos;
        udp_set_multicast_ttl(d->udp, wish->ttl >= 0 ? (uint8_t)ttl : many);
        if (o->many_loop)
            udp_set_flags(d->udp, UDP_FLAGS_MULTICAST_LOOP);
        else
            udp_clear_flags(d->udp, UDP_FLAGS_MULTICAST_LOOP);
        return;
    }
    d->raw->ttl = (uint8_t)ttl;
    d->raw->tos = (uint8_t)tos;
    raw_set_multicast_ttl(d->raw, wish->ttl >= 0 ? (uint8_t)ttl : many);
    raw_setflags(d->raw, (uint8_t)((d->raw->flags & RAW_FLAGS_CONNECTED) |
                                   (o->has_header ? RAW_FLAGS_HDRINCL : 0)));
}

/* Everybody is only spoken to by who has said so. */
static bool may_send(const struct inet *i, const ip_addr_t *to, struct netif *by) {
    if (!IP_IS_V4(to) || i->socket.options >> SO_BROADCAST & 1)
        return true;
    return !(by ? ip_addr_isbroadcast(to, by) : ip_2_ip4(to)->addr == IPADDR_BROADCAST);
}

/* With the lock. */
static long send_to(struct datagram *d, struct end *to, struct pbuf *p,
                    const struct control_wish *wish) {
    struct inet *i = &d->inet;
    struct netif *by;
    ip_addr_t source;

    if (ip_addr_isany(&to->address))
        ip_addr_set_loopback(IP_IS_V6(&to->address), &to->address);
    long error = may_send(i, &to->address, NULL) ? 0 : -EACCES;
    if (!error)
        error = inet_route(i, &to->address, &source, &by);
    if (!error)
        error = datagram_autobind(d);
    if (error)
        return error;
    if (wish->index && netif_get_by_index(wish->index))
        by = net_is_own(&to->address) ? by : netif_get_by_index(wish->index);
    if (!ip_addr_isany(&wish->source))
        ip_addr_copy(source, wish->source);
    if (!may_send(i, &to->address, by))
        return -EACCES;
    set_header(d, &to->address, wish);
    if (d->udp)
        return inet_error(
            udp_sendto_if_src(d->udp, p, &to->address, to->port, by, &source));
    return inet_error(raw_sendto_if_src(d->raw, p, &to->address, by, &source));
}

/* -EPIPE is told by a signal, too. */
static long check_send(struct datagram *d, struct message *m) {
    if (m->flags & MSG_OOB)
        return -EOPNOTSUPP;
    if (d->inet.closed & CLOSED_OUT) {
        if (!(m->flags & MSG_NOSIGNAL))
            signal_raise(SIGPIPE);
        return -EPIPE;
    }
    return socket_take_error(&d->inet.socket);
}

long datagram_send(struct socket *socket, struct message *m) {
    struct datagram *d = datagram_of(socket);
    size_t size = m->data.left;
    struct control_wish wish;
    struct end to;

    if (size > 0xffff)
        return -EMSGSIZE;
    if (m->address_size)
        inet_settle(&m->address);
    long error = find_end(d, m, &to);
    if (!error && d->udp && !to.port)
        error = -EINVAL;
    if (!error && d->udp && size > (IP_IS_V6(&to.address) ? MOST6 : MOST4))
        error = -EMSGSIZE;
    if (!error)
        error = check_send(d, m);
    if (!error)
        error = control_read(&d->inet, m, &wish);
    if (error)
        return error;
    struct pbuf *p = net_packet(size);
    if (!p)
        return -ENOBUFS;
    error = fill(p, m);
    net_enter();
    if (!error)
        error = send_to(d, &to, p, &wish);
    pbuf_free(p);
    net_leave();
    return error ? error : (long)size;
}
