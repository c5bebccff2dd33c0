/* SPDX-License-Identifier: MIT */
/* Streams: their names, connections and ends. */
#include "net/stream.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/ioctl.h>

#include "lwip/priv/tcp_priv.h"
#include "mm/heap.h"
#include "net/loop.h"
#include "net/stack.h"
#include "pv/access.h"
#include "sched/clock.h"

enum { BUFFER = 1024 * 1024, POLL_TICKS = 5 };

size_t stream_room(const struct stream *s) {
    return s->inet.socket.send_is_set ? s->inet.socket.send_size : BUFFER;
}

static unsigned find_events(const struct stream *s) {
    const struct inet *i = &s->inet;
    unsigned events = 0;

    if (s->state == STREAM_LISTENS)
        return s->waiting ? CAN_READ : 0;
    if (s->state == STREAM_IDLE || s->state == STREAM_OVER || i->closed == CLOSED_BOTH)
        events |= POLLHUP;
    if (i->closed & CLOSED_IN)
        events |= CAN_READ | POLLRDHUP;
    if (s->state == STREAM_CONNECTING)
        return events;
    if (s->unread)
        events |= CAN_READ;
    if (i->closed & CLOSED_OUT || s->queued * 3 <= stream_room(s) * 2)
        events |= CAN_WRITE;
    return events;
}

void stream_tell(struct stream *s, unsigned tell) {
    inet_tell(&s->inet, find_events(s), tell);
}

/* The pcb and the stream */

static void on_error(void *arg, err_t error);

static void on_destroy(u8_t id, void *data) {
    struct stream *s = data;

    (void)id;
    s->pcb = NULL;
    stream_drop_sent(s, true);
    if (s->state != STREAM_CONNECTING)
        s->state = STREAM_OVER;
}

static const struct tcp_ext_arg_callbacks callbacks = {.destroy = on_destroy};
const struct tcp_ext_arg_callbacks stream_no_callbacks;

void stream_attach(struct stream *s, struct tcp_pcb *pcb) {
    s->pcb = pcb;
    tcp_arg(pcb, s);
    tcp_recv(pcb, stream_on_receive);
    tcp_sent(pcb, stream_on_sent);
    tcp_poll(pcb, stream_on_poll, POLL_TICKS);
    tcp_err(pcb, on_error);
    tcp_ext_arg_set_callbacks(pcb, 0, &callbacks);
    tcp_ext_arg_set(pcb, 0, s);
    stream_apply(s);
}

void stream_detach(struct stream *s) {
    struct tcp_pcb *pcb = s->pcb;

    s->pcb = NULL;
    if (!pcb || pcb->state == LISTEN)
        return;
    tcp_arg(pcb, NULL);
    tcp_recv(pcb, NULL);
    tcp_sent(pcb, NULL);
    tcp_poll(pcb, NULL, 0);
    tcp_err(pcb, NULL);
    tcp_ext_arg_set_callbacks(pcb, 0, &stream_no_callbacks);
}

void stream_abort(struct stream *s) {
    struct tcp_pcb *pcb = s->pcb;

    stream_detach(s);
    if (pcb)
        tcp_abort(pcb);
    stream_drop_sent(s, true);
}

void stream_free(struct stream *s) {
    stream_drop_sent(s, true);
    stream_drop_received(s);
    heap_free(s);
}

static int reason_of(const struct stream *s, err_t error) {
    if (error == ERR_CLSD)
        return 0;
    if (error != ERR_RST)
        return ETIMEDOUT;
    if (s->state == STREAM_CONNECTING)
        return ECONNREFUSED;
    return s->pcb && s->pcb->state == CLOSE_WAIT ? EPIPE : ECONNRESET;
}

/* The pcb, if there is still one, knows it no more. */
static void end(struct stream *s, int reason) {
    stream_detach(s);
    stream_drop_sent(s, true);
    if (s->is_gone) {
        stream_free(s);
        return;
    }
    if (reason)
        __atomic_store_n(&s->inet.socket.error, reason, __ATOMIC_SEQ_CST);
    s->state = STREAM_OVER;
    s->inet.closed = CLOSED_BOTH;
    stream_tell(s, CAN_READ | CAN_WRITE | POLLHUP | POLLRDHUP | (reason ? POLLERR : 0));
}

/* lwIP gives the pcb up: it was reset, or nobody answered. */
static void on_error(void *arg, err_t error) {
    end(arg, reason_of(arg, error));
}

void stream_fail(struct stream *s, int reason) {
    struct tcp_pcb *pcb = s->pcb;

    end(s, reason);
    if (pcb)
        tcp_abort(pcb);
}

static const struct socket_ops stream_ops;

struct stream *stream_alloc(int family) {
    struct stream *s = heap_alloc(sizeof *s);

    if (!s)
        return NULL;
    inet_init(&s->inet, &stream_ops, family, SOCK_STREAM, IPPROTO_TCP);
    list_init(&s->pending);
    s->keep_idle = 7200;
    s->keep_interval = 75;
    s->keep_count = 9;
    s->syn_count = 6;
    s->linger2 = 60;
    s->inet.socket.send_size = 16384;
    s->inet.socket.receive_size = 131072;
    stream_tell(s, 0);
    return s;
}

long stream_make(int family, struct socket **made) {
    struct stream *s = stream_alloc(family);

    *made = s ? &s->inet.socket : NULL;
    return s ? 0 : -ENOMEM;
}

long stream_get_pcb(struct stream *s) {
    if (s->pcb)
        return 0;
    struct tcp_pcb *pcb = tcp_new_ip_type(IP_GET_TYPE(&s->inet.local.address));
    if (!pcb)
        return -ENOBUFS;
    stream_attach(s, pcb);
    return 0;
}

/* Names */

static long bind_locked(struct stream *s, const struct end *own) {
    struct end end = *own;
    struct inet *i = &s->inet;
    uint8_t ends = port_ends(i);

    if (i->is_bound || s->state != STREAM_IDLE)
        return -EINVAL;
    if (!end.port)
        end.port = port_choose(true, &end.address, ends);
    else if (port_is_taken(true, &end, ends))
        return -EADDRINUSE;
    if (!end.port)
        return -EADDRINUSE;
    long error = stream_get_pcb(s);
    if (error)
        return error;
    i->local = end;
    error = inet_error(tcp_bind(s->pcb, &end.address, end.port));
    i->is_bound = !error;
    return error;
}

static long stream_bind(struct socket *socket, const struct sockaddr_storage *to,
                        unsigned size) {
    struct stream *s = stream_of(socket);
    struct end end;

    inet_settle(to);
    net_enter();
    long error = inet_read_own(&s->inet, to, size, false, &end);
    if (!error)
        error = bind_locked(s, &end);
    net_leave();
    return error;
}

long stream_autobind(struct stream *s) {
    struct end any = {.port = 0};

    if (s->inet.is_bound)
        return 0;
    ip_addr_copy(any.address, s->inet.local.address);
    long error = bind_locked(s, &any);
    return error == -EADDRINUSE ? -EADDRNOTAVAIL : error;
}

static long stream_name(struct socket *socket, bool peer, struct sockaddr_storage *name,
                        unsigned *size) {
    struct stream *s = stream_of(socket);
    long error = 0;

    net_enter();
    if (peer && s->state != STREAM_CONNECTED && !(s->is_fresh && s->state == STREAM_OVER))
        error = -ENOTCONN;
    else
        inet_write_address(&s->inet, peer ? &s->inet.remote : &s->inet.local, name, size);
    if (peer)
        s->is_fresh = false;
    net_leave();
    return error;
}

/* Connecting */

static err_t on_connected(void *arg, struct tcp_pcb *pcb, err_t error) {
    struct stream *s = arg;

    (void)error;
    s->state = STREAM_CONNECTED;
    ip_addr_copy(s->inet.local.address, pcb->local_ip);
    stream_tell(s, CAN_WRITE);
    return ERR_OK;
}

/* One that was connected, or tried, is as new; bound, if it was told an address. */
static void make_new(struct stream *s) {
    struct inet *i = &s->inet;

    stream_abort(s);
    stream_drop_received(s);
    s->state = STREAM_IDLE;
    s->ends = s->is_told = false;
    i->closed = 0;
    i->is_bound = false;
    i->local.port = i->remote.port = 0;
    inet_any(i, &i->local.address);
    inet_any(i, &i->remote.address);
}

static long begin(struct stream *s, struct end *to) {
    struct inet *i = &s->inet;
    struct netif *by;
    ip_addr_t source;

    /* To no address is to ourselves. */
    if (ip_addr_isany(&to->address)) {
        if (IP_IS_V4(&to->address))
            ip_addr_set_loopback(false, &to->address);
        else
            ip_addr_set_loopback(true, &to->address);
    }
    if (IP_IS_V6(&to->address) != IP_IS_V6(&i->local.address) &&
        !ip_addr_isany(&i->local.address))
        return IP_IS_V6(&to->address) ? -ENETUNREACH : -EAFNOSUPPORT;
    long error = ip_addr_ismulticast(&to->address) ? -ENETUNREACH : 0;
    if (!error)
        error = inet_route(i, &to->address, &source, &by);
    if (!error)
        error = stream_get_pcb(s);
    if (!error)
        error = stream_autobind(s);
    if (error)
        return error;
    ip_addr_copy(s->pcb->local_ip, source);
    ip_addr_copy(i->local.address, source);
    i->remote = *to;
    s->state = STREAM_CONNECTING;
    error = inet_error(tcp_connect(s->pcb, &to->address, to->port, on_connected));
    if (error) {
        make_new(s);
        return error == -EADDRINUSE ? -EADDRNOTAVAIL : error;
    }
    stream_tell(s, 0);
    return -EINPROGRESS;
}

/* What has become of it. */
static long look(struct stream *s) {
    if (s->is_told)
        return -EISCONN;
    if (s->state == STREAM_CONNECTED) {
        s->is_told = true;
        return 0;
    }
    long error = socket_take_error(&s->inet.socket);
    make_new(s);
    stream_tell(s, 0);
    return error ? error : -ECONNABORTED;
}

static long try_connect(struct stream *s, const struct sockaddr_storage *to, unsigned size,
                        bool waits, bool is_first) {
    struct end end;

    if (s->state == STREAM_CONNECTING)
        return is_first && !waits ? -EALREADY : -EINPROGRESS;
    if (s->state == STREAM_LISTENS)
        return -EISCONN;
    if (s->state != STREAM_IDLE)
        return look(s);
    long error = inet_read_address(&s->inet, to, size, &end);
    return error ? error : begin(s, &end);
}

static long stream_connect(struct socket *socket, const struct sockaddr_storage *to,
                           unsigned size, bool waits) {
    struct stream *s = stream_of(socket);
    uint64_t until = 0;
    bool is_first = true;

    if (size < sizeof(sa_family_t))
        return -EINVAL;
    inet_settle(to);
    for (;;) {
        uint32_t seen = ready_seen(&socket->ready);
        long error;
        net_enter();
        if (to->ss_family == AF_UNSPEC) {
            error = s->state == STREAM_LISTENS ? (stream_stop_listening(s), 0) : 0;
            make_new(s);
            stream_tell(s, CAN_WRITE | POLLHUP);
        } else {
            error = try_connect(s, to, size, waits, is_first);
        }
        net_leave();
        if (error != -EINPROGRESS)
            return error;
        if (!waits)
            return error;
        is_first = false;
        error = s->state == STREAM_CONNECTING
                    ? socket_wait(&socket->ready, seen, socket->send_limit, &until)
                    : 0;
        if (error)
            return error == -EAGAIN ? -EINPROGRESS : error;
    }
}

/* The end */

static long stream_shutdown(struct socket *socket, int how) {
    struct stream *s = stream_of(socket);
    unsigned closed = (unsigned)how + 1;
    long error = 0;

    net_enter();
    if (s->state == STREAM_LISTENS) {
        if (closed & CLOSED_IN) {
            stream_stop_listening(s);
            s->state = STREAM_IDLE;
        }
    } else if (s->state == STREAM_IDLE || s->state == STREAM_OVER) {
        error = -ENOTCONN;
    } else if (s->state == STREAM_CONNECTING) {
        make_new(s);
        s->inet.closed = CLOSED_BOTH;
        s->state = STREAM_OVER;
    } else {
        s->inet.closed |= (uint8_t)closed;
        if (closed & CLOSED_OUT) {
            s->ends = true;
            stream_push(s);
        }
    }
    stream_tell(s, CAN_READ | CAN_WRITE | POLLRDHUP | POLLHUP);
    net_leave();
    return error;
}

/* What the peer sent and nobody read is told by a reset, as is a linger of no time. */
static void close_connection(struct stream *s) {
    bool is_hard = s->inet.socket.linger.l_onoff && !s->inet.socket.linger.l_linger;

    s->is_gone = true;
    if (!s->pcb) {
        stream_free(s);
    } else if (s->state != STREAM_CONNECTED || is_hard || s->unread) {
        stream_abort(s);
        stream_free(s);
    } else {
        stream_drop_received(s);
        s->ends = true;
        stream_push(s);
        if (!s->queued) {
            stream_detach(s);
            stream_free(s);
        }
    }
}

void stream_close(struct stream *s) {
    if (s->state == STREAM_LISTENS)
        stream_stop_listening(s);
    close_connection(s);
}

/* close waits for what is on the way. */
static void linger(struct stream *s) {
    const struct linger *l = &s->inet.socket.linger;
    uint64_t until = clock_monotonic() + (uint64_t)l->l_linger * NS_PER_SEC;

    for (;;) {
        uint32_t seen = ready_seen(&s->inet.socket.ready);
        net_enter();
        s->ends = true;
        stream_push(s);
        bool is_done = !s->pcb || !s->queued;
        net_leave();
        if (is_done || ready_wait(&s->inet.socket.ready, seen, until, false))
            return;
    }
}

static void stream_release(struct socket *socket) {
    struct stream *s = stream_of(socket);

    if (s->state == STREAM_CONNECTED && socket->linger.l_onoff &&
        socket->linger.l_linger > 0)
        linger(s);
    net_enter();
    stream_close(s);
    net_leave();
}

static unsigned stream_poll(struct socket *socket) {
    struct inet *i = inet_of(socket);
    unsigned events = __atomic_load_n(&i->events, __ATOMIC_SEQ_CST) & ~(unsigned)POLLERR;

    return events | (socket->error ? POLLERR : 0);
}

static long stream_control(struct socket *socket, unsigned request,
                           unsigned long argument) {
    struct stream *s = stream_of(socket);
    int number;

    if (request != FIONREAD && request != TIOCOUTQ && request != 0x894b /* SIOCOUTQNSD */)
        return -ENOTTY;
    net_enter();
    bool listens = s->state == STREAM_LISTENS;
    number = (int)(request == FIONREAD   ? s->unread
                   : request == TIOCOUTQ ? s->queued
                                         : s->unpushed);
    net_leave();
    return listens ? -EINVAL : user_write((void *)argument, &number, sizeof number);
}

static const struct socket_ops stream_ops = {.bind = stream_bind,
                                             .connect = stream_connect,
                                             .listen = stream_listen,
                                             .accept = stream_accept,
                                             .name = stream_name,
                                             .send = stream_send,
                                             .receive = stream_receive,
                                             .shutdown = stream_shutdown,
                                             .poll = stream_poll,
                                             .control = stream_control,
                                             .set = stream_set,
                                             .get = stream_get,
                                             .release = stream_release};
