/* SPDX-License-Identifier: MIT */
/* Streams that listen, and those that wait there to be accepted. */
#include <errno.h>

#include "lwip/priv/tcp_priv.h"
#include "net/stack.h"
#include "net/stream.h"

enum { MOST = 4096, /* SOMAXCONN of Linux */ HALF_OPEN = 255 };

/* A full queue takes no more: what would be new is not answered, and asks again. */
static void set_backlog(struct stream *s) {
    struct tcp_pcb_listen *pcb = (struct tcp_pcb_listen *)(void *)s->pcb;

    if (pcb)
        pcb->backlog = s->waiting > s->backlog ? 0 : HALF_OPEN;
}

static void inherit(struct stream *s, const struct stream *from) {
    struct inet *to = &s->inet;

    to->socket.options = from->inet.socket.options;
    to->socket.linger = from->inet.socket.linger;
    to->socket.send_limit = from->inet.socket.send_limit;
    to->socket.receive_limit = from->inet.socket.receive_limit;
    to->socket.send_size = from->inet.socket.send_size;
    to->socket.receive_size = from->inet.socket.receive_size;
    to->socket.send_is_set = from->inet.socket.send_is_set;
    to->socket.receive_is_set = from->inet.socket.receive_is_set;
    to->options = from->inet.options;
    to->only6 = from->inet.only6;
    s->no_delay = from->no_delay;
    s->keep_idle = from->keep_idle;
    s->keep_interval = from->keep_interval;
    s->keep_count = from->keep_count;
    s->user_timeout = from->user_timeout;
    s->linger2 = from->linger2;
}

/* Of those that share a port, one by the peer's port. */
static struct stream *choose(struct stream *s, uint16_t port) {
    unsigned count = 0, n = 0;
    struct tcp_pcb *pcb;

    if (!(port_ends(&s->inet) & ENDS_SHARE))
        return s;
    for (pcb = tcp_listen_pcbs.pcbs; pcb; pcb = pcb->next)
        count += pcb->local_port == s->inet.local.port && pcb->so_options & ENDS_SHARE &&
                 ip_addr_eq(&pcb->local_ip, &s->pcb->local_ip);
    uint64_t hash = secret_hash(&port, sizeof port) % count;
    for (pcb = tcp_listen_pcbs.pcbs; pcb; pcb = pcb->next)
        if (pcb->local_port == s->inet.local.port && pcb->so_options & ENDS_SHARE &&
            ip_addr_eq(&pcb->local_ip, &s->pcb->local_ip) && n++ == hash)
            return pcb->callback_arg;
    return s;
}

static err_t on_accept(void *arg, struct tcp_pcb *pcb, err_t error) {
    struct stream *listener = arg, *s;

    if (error != ERR_OK || !pcb)
        return ERR_VAL;
    listener = choose(listener, pcb->remote_port);
    s = stream_alloc(listener->inet.socket.family);
    if (!s)
        return ERR_MEM;
    inherit(s, listener);
    s->state = STREAM_CONNECTED;
    s->is_fresh = s->is_told = true;
    s->inet.is_bound = true;
    ip_addr_copy(s->inet.local.address, pcb->local_ip);
    ip_addr_copy(s->inet.remote.address, pcb->remote_ip);
    s->inet.local.port = pcb->local_port;
    s->inet.remote.port = pcb->remote_port;
    stream_attach(s, pcb);
    s->listener = listener;
    list_insert(&s->in_pending, &listener->pending);
    listener->waiting++;
    set_backlog(listener);
    stream_tell(s, 0);
    stream_tell(listener, CAN_READ);
    return ERR_OK;
}

static long listen_locked(struct stream *s, int backlog) {
    err_t error;

    s->backlog = (unsigned)backlog > MOST ? MOST : (unsigned)backlog;
    if (s->state == STREAM_LISTENS) {
        set_backlog(s);
        return 0;
    }
    if (s->state != STREAM_IDLE)
        return -EINVAL;
    long result = stream_autobind(s);
    if (result)
        return result == -EADDRNOTAVAIL ? -EADDRINUSE : result;
    struct tcp_pcb *pcb = s->pcb;
    struct tcp_pcb_listen *other;
    for (other = tcp_listen_pcbs.listen_pcbs; other; other = other->next)
        if (other->local_port == pcb->local_port &&
            !(other->so_options & pcb->so_options & ENDS_SHARE) &&
            (ip_addr_isany(&other->local_ip) || ip_addr_isany(&pcb->local_ip) ||
             ip_addr_eq(&other->local_ip, &pcb->local_ip)) &&
            (IP_GET_TYPE(&other->local_ip) == IP_GET_TYPE(&pcb->local_ip) ||
             IP_GET_TYPE(&other->local_ip) == IPADDR_TYPE_ANY ||
             IP_GET_TYPE(&pcb->local_ip) == IPADDR_TYPE_ANY))
            return -EADDRINUSE;
    /* lwIP's own look at who listens there would refuse those that share. */
    ip_reset_option(pcb, SOF_REUSEADDR);
    tcp_ext_arg_set_callbacks(pcb, 0, &stream_no_callbacks);
    s->pcb = tcp_listen_with_backlog_and_err(pcb, HALF_OPEN, &error);
    if (!s->pcb) {
        s->pcb = pcb;
        stream_attach(s, pcb);
        return inet_error(error);
    }
    ip_set_option(s->pcb, SOF_REUSEADDR);
    tcp_arg(s->pcb, s);
    tcp_accept(s->pcb, on_accept);
    s->state = STREAM_LISTENS;
    s->inet.socket.listens = true;
    s->inet.closed = 0;
    set_backlog(s);
    return 0;
}

long stream_listen(struct socket *socket, int backlog) {
    struct stream *s = stream_of(socket);

    net_enter();
    long error = listen_locked(s, backlog);
    stream_tell(s, 0);
    net_leave();
    return error;
}

long stream_accept(struct socket *socket, struct socket **accepted) {
    struct stream *s = stream_of(socket), *first = NULL;
    long error = -EAGAIN;

    net_enter();
    if (s->state != STREAM_LISTENS) {
        error = -EINVAL;
    } else if (s->waiting) {
        first = LIST_RECORD(s->pending.next, struct stream, in_pending);
        list_remove(&first->in_pending);
        first->listener = NULL;
        s->waiting--;
        set_backlog(s);
        *accepted = &first->inet.socket;
        error = 0;
    }
    stream_tell(s, 0);
    net_leave();
    return error;
}

void stream_stop_listening(struct stream *s) {
    while (!list_is_empty(&s->pending)) {
        struct stream *first = LIST_RECORD(s->pending.next, struct stream, in_pending);
        list_remove(&first->in_pending);
        s->waiting--;
        first->state = STREAM_CONNECTED;
        stream_abort(first);
        stream_free(first);
    }
    if (s->pcb)
        tcp_close(s->pcb);
    s->pcb = NULL;
    s->state = STREAM_IDLE;
    s->inet.socket.listens = false;
    s->inet.is_bound = false;
}
