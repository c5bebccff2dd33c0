/* SPDX-License-Identifier: MIT */
/* TCP's options. */
#define _GNU_SOURCE /* struct tcp_info */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "base/string.h"
#include "lwip/priv/tcp_priv.h"
#include "net/stack.h"
#include "net/stream.h"

enum { MS = 1000 };

static void apply_window(struct stream *s) {
    struct tcp_pcb *pcb = s->pcb;
    uint32_t most = s->inet.socket.receive_size;

    /* What was announced is not taken back. */
    if (s->inet.socket.receive_is_set && s->state == STREAM_CONNECTED && !s->unread &&
        pcb->rcv_wnd > most && pcb->rcv_wnd == TCP_WND_MAX(pcb))
        pcb->rcv_wnd = most;
}

void stream_apply(struct stream *s) {
    const struct inet *i = &s->inet;
    struct tcp_pcb *pcb = s->pcb;

    if (!pcb)
        return;
    pcb->so_options = (uint8_t)(SOF_REUSEADDR | port_ends(i));
    if (i->socket.options >> SO_KEEPALIVE & 1)
        ip_set_option(pcb, SOF_KEEPALIVE);
    pcb->tos = i->socket.family == AF_INET ? i->options.tos : i->options.class;
    int ttl = i->socket.family == AF_INET ? i->options.ttl : i->options.hops;
    pcb->ttl = ttl < 0 ? TCP_TTL : (uint8_t)ttl;
    if (pcb->state == LISTEN)
        return;
    if (s->no_delay)
        tcp_nagle_disable(pcb);
    else
        tcp_nagle_enable(pcb);
    pcb->keep_idle = (uint32_t)s->keep_idle * MS;
    pcb->keep_intvl = (uint32_t)s->keep_interval * MS;
    pcb->keep_cnt = (uint32_t)s->keep_count;
    apply_window(s);
}

static long set_number(int *to, int number, int least, int most) {
    if (number < least || number > most)
        return -EINVAL;
    *to = number;
    return 0;
}

static long set_flag(struct stream *s, int name, int number) {
    switch (name) {
    case TCP_NODELAY:
        s->no_delay = number;
        break;
    case TCP_CORK:
        s->corked = number ? 2 : 0;
        break;
    case TCP_QUICKACK:
        s->quick = number;
        break;
    }
    stream_apply(s);
    if (name == TCP_NODELAY && number && s->corked == 1)
        s->corked = 0;
    stream_push(s);
    return 0;
}

static long set(struct stream *s, int name, int number) {
    switch (name) {
    case TCP_NODELAY:
    case TCP_CORK:
    case TCP_QUICKACK:
        return set_flag(s, name, number);
    case TCP_KEEPIDLE:
        return set_number(&s->keep_idle, number, 1, 32767);
    case TCP_KEEPINTVL:
        return set_number(&s->keep_interval, number, 1, 32767);
    case TCP_KEEPCNT:
        return set_number(&s->keep_count, number, 1, 127);
    case TCP_SYNCNT:
        return set_number(&s->syn_count, number, 1, 127);
    case TCP_LINGER2:
        s->linger2 = number < 0 ? -1 : number > 120 ? 0 : number;
        return 0;
    case TCP_DEFER_ACCEPT:
        s->defer = number < 0 ? 0 : number;
        return 0;
    case TCP_USER_TIMEOUT:
        return set_number(&s->user_timeout, number, 0, 0x7fffffff);
    case TCP_MAXSEG:
        return number && (number < 88 || number > 32767) ? -EINVAL
                                                         : (s->max_segment = number, 0);
    case TCP_FASTOPEN:
    case TCP_WINDOW_CLAMP:
    case TCP_NOTSENT_LOWAT:
    case TCP_THIN_LINEAR_TIMEOUTS:
        return 0;
    }
    return -ENOPROTOOPT;
}

static long set_congestion(struct stream *s, const char *name, unsigned size) {
    char own[16] = {0};

    memcpy(own, name, MIN(size, (unsigned)sizeof own - 1));
    if (!size)
        return -EINVAL;
    if (strcmp(own, "reno") && strcmp(own, "cubic"))
        return -ENOENT;
    memcpy(s->congestion, own, sizeof own);
    return 0;
}

long stream_set(struct socket *socket, int level, int name, const void *value,
                unsigned size) {
    struct stream *s = stream_of(socket);
    int number;

    if (level != IPPROTO_TCP) {
        long error = inet_set(socket, level, name, value, size);
        net_enter();
        stream_apply(s);
        net_leave();
        return error;
    }
    if (name == TCP_CONGESTION)
        return set_congestion(s, value, size);
    if (size < sizeof number)
        return -EINVAL;
    memcpy(&number, value, sizeof number);
    net_enter();
    long error = set(s, name, number);
    stream_apply(s);
    net_leave();
    return error;
}

static uint8_t state_of(const struct stream *s) {
    static const uint8_t states[] = {
        [CLOSED] = TCP_CLOSE,
        [LISTEN] = TCP_LISTEN,
        [SYN_SENT] = TCP_SYN_SENT,
        [SYN_RCVD] = TCP_SYN_RECV,
        [ESTABLISHED] = TCP_ESTABLISHED,
        [FIN_WAIT_1] = TCP_FIN_WAIT1,
        [FIN_WAIT_2] = TCP_FIN_WAIT2,
        [CLOSE_WAIT] = TCP_CLOSE_WAIT,
        [CLOSING] = TCP_CLOSING,
        [LAST_ACK] = TCP_LAST_ACK,
        [TIME_WAIT] = TCP_TIME_WAIT,
    };

    return s->pcb ? states[s->pcb->state] : TCP_CLOSE;
}

static long get_info(const struct stream *s, void *value, unsigned *size) {
    const struct tcp_pcb *pcb = s->pcb;
    struct tcp_info info = {.tcpi_state = state_of(s)};

    if (pcb && pcb->state != LISTEN && pcb->state != CLOSED) {
        info.tcpi_retransmits = pcb->nrtx;
        info.tcpi_options =
            (uint8_t)((pcb->flags & TF_TIMESTAMP ? TCPI_OPT_TIMESTAMPS : 0) |
                      (pcb->flags & TF_SACK ? TCPI_OPT_SACK : 0) |
                      (pcb->flags & TF_WND_SCALE ? TCPI_OPT_WSCALE : 0));
        info.tcpi_snd_wscale = pcb->snd_scale & 15;
        info.tcpi_rcv_wscale = pcb->rcv_scale & 15;
        info.tcpi_rto = (uint32_t)pcb->rto * TCP_SLOW_INTERVAL * 1000u;
        info.tcpi_snd_mss = info.tcpi_rcv_mss = info.tcpi_advmss = pcb->mss;
        info.tcpi_rtt = (uint32_t)(pcb->sa >> 3) * TCP_SLOW_INTERVAL * 1000u;
        info.tcpi_snd_cwnd = pcb->mss ? pcb->cwnd / pcb->mss : 0;
        info.tcpi_snd_ssthresh = pcb->mss ? pcb->ssthresh / pcb->mss : 0;
        info.tcpi_unacked = pcb->snd_queuelen;
        info.tcpi_rcv_space = pcb->rcv_wnd;
        info.tcpi_notsent_bytes = (uint32_t)s->unpushed;
    } else if (pcb && pcb->state == LISTEN) {
        info.tcpi_unacked = s->waiting;
        info.tcpi_sacked = s->backlog;
    }
    *size = MIN(*size, (unsigned)sizeof info);
    memcpy(value, &info, *size);
    return 0;
}

static long get_number(const struct stream *s, int name, int *number) {
    switch (name) {
    case TCP_NODELAY:
        *number = s->no_delay;
        return 0;
    case TCP_CORK:
        *number = s->corked == 2;
        return 0;
    case TCP_QUICKACK:
        *number = 1;
        return 0;
    case TCP_KEEPIDLE:
        *number = s->keep_idle;
        return 0;
    case TCP_KEEPINTVL:
        *number = s->keep_interval;
        return 0;
    case TCP_KEEPCNT:
        *number = s->keep_count;
        return 0;
    case TCP_SYNCNT:
        *number = s->syn_count;
        return 0;
    case TCP_LINGER2:
        *number = s->linger2;
        return 0;
    case TCP_DEFER_ACCEPT:
        *number = s->defer;
        return 0;
    case TCP_USER_TIMEOUT:
        *number = s->user_timeout;
        return 0;
    case TCP_MAXSEG:
        *number = s->pcb && s->state == STREAM_CONNECTED ? s->pcb->mss : 536;
        return 0;
    case TCP_FASTOPEN:
    case TCP_WINDOW_CLAMP:
    case TCP_NOTSENT_LOWAT:
        *number = 0;
        return 0;
    }
    return -ENOPROTOOPT;
}

long stream_get(struct socket *socket, int level, int name, void *value, unsigned *size) {
    struct stream *s = stream_of(socket);
    int number = 0;

    if (level != IPPROTO_TCP)
        return inet_get(socket, level, name, value, size);
    if (name == TCP_CONGESTION) {
        const char *text = s->congestion[0] ? s->congestion : "reno";
        *size = MIN(*size, 16u);
        memset(value, 0, *size);
        memcpy(value, text, MIN((size_t)*size, strlen(text)));
        return 0;
    }
    net_enter();
    long error = name == TCP_INFO ? get_info(s, value, size) : get_number(s, name, &number);
    net_leave();
    if (error || name == TCP_INFO)
        return error;
    *size = MIN(*size, (unsigned)sizeof number);
    memcpy(value, &number, *size);
    return 0;
}
