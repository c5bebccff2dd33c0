/* SPDX-License-Identifier: MIT */
/* What streams send and receive. Data are copied without net_lock. */
#include <errno.h>
#include <signal.h>

#include "lwip/priv/tcp_priv.h"
#include "net/stack.h"
#include "net/stream.h"
#include "pv/access.h"
#include "signal/signal.h"

enum { PIECE = 128 * 1024, RTO_LEAST = 200 / TCP_SLOW_INTERVAL };

/* Chains */

static void chain_add(struct chain *c, struct pbuf *p) {
    if (!p)
        return;
    *(c->first ? &c->last->next : &c->first) = p;
    while (p->next)
        p = p->next;
    c->last = p;
}

static void chain_move(struct chain *to, struct chain *from) {
    if (!from->first)
        return;
    *(to->first ? &to->last->next : &to->first) = from->first;
    to->last = from->last;
    *from = (struct chain){0};
}

static void chain_free(struct pbuf *p) {
    for (struct pbuf *next; p; p = next) {
        next = p->next;
        p->next = NULL;
        pbuf_free(p);
    }
}

/* Sending */

/* How many bytes from the end lwIP may still refer to, or has not got yet. */
static size_t count_live(const struct stream *s) {
    const struct tcp_pcb *pcb = s->pcb;
    uint32_t oldest = pcb->snd_lbb;

    if (pcb->unsent)
        oldest = lwip_ntohl(pcb->unsent->tcphdr->seqno);
    if (pcb->unacked && TCP_SEQ_LT(lwip_ntohl(pcb->unacked->tcphdr->seqno), oldest))
        oldest = lwip_ntohl(pcb->unacked->tcphdr->seqno);
    return pcb->snd_lbb - oldest + s->unpushed;
}

/* The last page stays, to be filled further. */
static void drop_until(struct stream *s, size_t live) {
    while (s->first && s->queued > live) {
        struct buffer *b = s->first;
        size_t n = MIN(s->queued - live, (size_t)(b->end - b->start));
        b->start += (uint32_t)n;
        s->queued -= n;
        if (b->start < b->end || b == s->last)
            break;
        s->first = b->next;
        if (s->push == b) {
            s->push = b->next;
            s->push_at = b->next->start;
        }
        buffer_free(b);
    }
}

/* `writing` is held, too. */
static void drop_last(struct stream *s) {
    if (s->last)
        buffer_free(s->last);
    s->first = s->last = s->push = NULL;
}

void stream_drop_sent(struct stream *s, bool all) {
    if (all)
        s->unpushed = 0;
    drop_until(s, all || !s->pcb ? 0 : count_live(s));
    /* Who is about to fill it sees to it. */
    if (s->queued || !s->last || !mutex_try(&s->inet.writing))
        return;
    drop_last(s);
    mutex_drop(&s->inet.writing);
}

static bool holds_back(const struct stream *s) {
    return s->corked && !s->ends && s->unpushed < s->pcb->mss;
}

static void push_data(struct stream *s) {
    while (s->unpushed && !holds_back(s)) {
        if (s->push_at == s->push->end) {
            s->push = s->push->next;
            s->push_at = 0;
        }
        size_t n = MIN((size_t)(s->push->end - s->push_at), (size_t)s->pcb->snd_buf);
        bool more = n < s->unpushed || s->corked;
        if (!n || tcp_write(s->pcb, s->push->page + s->push_at, (u16_t)n,
                            more ? TCP_WRITE_FLAG_MORE : 0) != ERR_OK)
            return;
        s->push_at += (uint32_t)n;
        s->unpushed -= n;
    }
}

void stream_push(struct stream *s) {
    struct tcp_pcb *pcb = s->pcb;

    if (!pcb || s->state != STREAM_CONNECTED)
        return;
    push_data(s);
    tcp_output(pcb);
    if (!s->ends || s->unpushed)
        return;
    if (s->is_gone) {
        /* It is not told of what the program has not seen: that was looked at. */
        pcb->rcv_wnd = TCP_WND_MAX(pcb);
        tcp_close(pcb);
    } else {
        tcp_shutdown(pcb, 0, 1);
    }
}

err_t stream_on_sent(void *arg, struct tcp_pcb *pcb, u16_t size) {
    struct stream *s = arg;
    bool was_full = s->queued * 3 > stream_room(s) * 2;

    (void)size;
    if (pcb->rto < RTO_LEAST)
        pcb->rto = RTO_LEAST;
    stream_drop_sent(s, false);
    if (s->unpushed || s->ends)
        stream_push(s);
    if (s->is_gone && !s->queued) {
        stream_detach(s);
        stream_free(s);
        return ERR_OK;
    }
    bool is_full = s->queued * 3 > stream_room(s) * 2;
    stream_tell(s, (was_full && !is_full) || !s->queued ? CAN_WRITE : 0);
    return ERR_OK;
}

err_t stream_on_poll(void *arg, struct tcp_pcb *pcb) {
    struct stream *s = arg;

    (void)pcb;
    if (s->unpushed)
        stream_push(s);
    return ERR_OK;
}

/* What is to be sent, before it is known to others. */
struct batch {
    size_t in_last;              /* bytes behind the end of the last page that there is */
    struct buffer *first, *last; /* and pages behind that */
    size_t size;
};

static long fill_from(struct message *m, char *to, size_t room) {
    return transfer_get(&m->data, to, MIN(room, m->data.left));
}

/* -EFAULT, -ENOBUFS: if there is nothing. */
static long fill(struct stream *s, struct message *m, size_t size, struct batch *batch) {
    struct buffer *last = s->last;
    long n = 0;

    *batch = (struct batch){0};
    if (last && last->end < PAGE_SIZE) {
        n = fill_from(m, last->page + last->end, MIN(size, PAGE_SIZE - last->end));
        if (n > 0)
            batch->size = batch->in_last = (size_t)n;
    }
    while (n >= 0 && batch->size < size && m->data.left) {
        struct buffer *b = buffer_make();
        n = b ? fill_from(m, b->page, MIN(size - batch->size, PAGE_SIZE)) : -ENOBUFS;
        if (n <= 0) {
            if (b)
                buffer_free(b);
            break;
        }
        b->end = (uint32_t)n;
        batch->size += (size_t)n;
        *(batch->first ? &batch->last->next : &batch->first) = b;
        batch->last = b;
    }
    return batch->size ? 0 : n;
}

static void free_batch(struct batch *batch) {
    for (struct buffer *b = batch->first, *next; b; b = next) {
        next = b->next;
        buffer_free(b);
    }
}

static void append(struct stream *s, struct batch *batch) {
    if (s->last)
        s->last->end += (uint32_t)batch->in_last;
    if (batch->first) {
        *(s->first ? &s->last->next : &s->first) = batch->first;
        s->last = batch->last;
    }
    if (!s->push) {
        s->push = s->first;
        s->push_at = s->first->start;
    }
    s->queued += batch->size;
    s->unpushed += batch->size;
}

/* With the lock: may it send now? */
static long check_send(struct stream *s) {
    if (s->inet.socket.error)
        return -EIO; /* to be taken */
    if (s->inet.closed & CLOSED_OUT || s->state == STREAM_IDLE || s->state == STREAM_OVER ||
        s->state == STREAM_LISTENS)
        return -EPIPE;
    if (s->state == STREAM_CONNECTING)
        return -EAGAIN;
    return s->queued >= stream_room(s) ? -EAGAIN : 0;
}

/* One piece. `writing` is held. */
static long put(struct stream *s, struct message *m, bool more) {
    struct batch batch;

    net_enter();
    long error = check_send(s);
    size_t room = error ? 0 : stream_room(s) - s->queued;
    net_leave();
    if (error || !m->data.left)
        return error;
    error = fill(s, m, MIN(room, (size_t)PIECE), &batch);
    if (error)
        return error;
    net_enter();
    error = check_send(s);
    if (!error || error == -EAGAIN) {
        error = (long)batch.size;
        append(s, &batch);
        s->corked = (uint8_t)((s->corked & 2) | more);
        stream_push(s);
        stream_tell(s, 0);
    } else {
        free_batch(&batch);
        if (!s->pcb)
            drop_last(s);
    }
    net_leave();
    return error;
}

static long put_once(struct stream *s, struct message *m) {
    mutex_take(&s->inet.writing);
    long n = put(s, m, m->flags & MSG_MORE);
    mutex_drop(&s->inet.writing);
    if (n == -EIO) {
        n = socket_take_error(&s->inet.socket);
        n = n ? n : -EPIPE;
    }
    return n;
}

long stream_send(struct socket *socket, struct message *m) {
    struct stream *s = stream_of(socket);
    long total = 0, n = 0;
    uint64_t until = 0;

    if (m->flags & MSG_OOB)
        return -EOPNOTSUPP;
    do {
        uint32_t seen = ready_seen(&socket->ready);
        n = put_once(s, m);
        if (n > 0)
            total += n;
        else if (n == -EAGAIN && m->waits)
            n = socket_wait(&socket->ready, seen, socket->send_limit, &until);
        else
            break;
    } while (n >= 0 && m->data.left);
    if (n == -EPIPE && !total && !(m->flags & MSG_NOSIGNAL))
        signal_raise(SIGPIPE);
    return total ? total : n;
}

/* Receiving */

void stream_drop_received(struct stream *s) {
    chain_free(s->taken.first);
    chain_free(s->in.first);
    s->taken = s->in = (struct chain){0};
    s->unread = 0;
}

err_t stream_on_receive(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t error) {
    struct stream *s = arg;

    (void)error;
    if (pcb->rto < RTO_LEAST)
        pcb->rto = RTO_LEAST;
    if (!p) {
        s->inet.closed |= CLOSED_IN;
        if (!s->is_gone)
            stream_tell(s, CAN_READ | POLLRDHUP);
        return ERR_OK;
    }
    if (s->is_gone) { /* data for nobody */
        pbuf_free(p);
        stream_abort(s);
        stream_free(s);
        return ERR_ABRT;
    }
    s->unread += p->tot_len;
    chain_add(&s->in, p);
    stream_tell(s, CAN_READ);
    return ERR_OK;
}

/* What there is if no data are. With the lock. */
static long nothing(const struct stream *s) {
    if (s->inet.socket.error)
        return -EIO; /* to be taken */
    if (s->inet.closed & CLOSED_IN)
        return 0;
    if (s->state == STREAM_IDLE || s->state == STREAM_LISTENS || s->state == STREAM_OVER)
        return -ENOTCONN;
    return -EAGAIN;
}

/* Copies from there on; drops: bytes without a copy (MSG_TRUNC). */
static long copy(const struct stream *s, struct message *m, size_t from, bool drops) {
    long total = 0;

    for (const struct pbuf *p = s->taken.first; p && m->data.left; p = p->next) {
        if (from >= p->len) {
            from -= p->len;
            continue;
        }
        size_t here = MIN(p->len - from, m->data.left);
        long n = (long)here;
        if (drops)
            m->data.left -= here;
        else
            n = transfer_put(&m->data, (char *)p->payload + from, here);
        if (n < 0)
            return total ? total : n;
        total += n;
        if ((size_t)n < here)
            break;
        from = 0;
    }
    return total;
}

/* The first n bytes go: the pbufs that are empty then. */
static struct pbuf *consume(struct stream *s, size_t n) {
    struct pbuf *done = NULL, **end = &done;

    while (s->taken.first) {
        struct pbuf *p = s->taken.first;
        if (n < p->len) {
            p->payload = (char *)p->payload + n;
            p->len = (u16_t)(p->len - n);
            break;
        }
        n -= p->len;
        s->taken.first = p->next;
        p->next = NULL;
        *end = p;
        end = &p->next;
    }
    if (!s->taken.first)
        s->taken.last = NULL;
    return done;
}

/* With the lock: the peer may send as much again. */
static void give_window(struct stream *s, size_t n) {
    for (; s->pcb && n; n -= MIN(n, 0xfffful))
        tcp_recved(s->pcb, (u16_t)MIN(n, 0xfffful));
}

/* `reading` is held. from: how much was peeked at before. */
static long take(struct stream *s, struct message *m, size_t from) {
    bool peeks = m->flags & MSG_PEEK;

    net_enter();
    chain_move(&s->taken, &s->in);
    long none = s->unread > from ? 0 : nothing(s);
    net_leave();
    if (!s->taken.first || none)
        return none;
    long n = copy(s, m, from, m->flags & MSG_TRUNC);
    if (n <= 0 || peeks)
        return n;
    struct pbuf *done = consume(s, (size_t)n);
    net_enter();
    chain_free(done);
    s->unread -= (size_t)n;
    give_window(s, (size_t)n);
    stream_tell(s, 0);
    net_leave();
    return n;
}

static long take_once(struct stream *s, struct message *m, size_t from) {
    mutex_take(&s->inet.reading);
    long n = take(s, m, from);
    mutex_drop(&s->inet.reading);
    if (n == -EIO) {
        n = socket_take_error(&s->inet.socket);
        n = n ? n : -EAGAIN;
    }
    return n;
}

long stream_receive(struct socket *socket, struct message *m) {
    struct stream *s = stream_of(socket);
    size_t total = 0;
    uint64_t until = 0;

    if (m->flags & MSG_OOB)
        return -EINVAL;
    if (m->flags & MSG_ERRQUEUE)
        return -EAGAIN;
    for (;;) {
        uint32_t seen = ready_seen(&socket->ready);
        long n = take_once(s, m, m->flags & MSG_PEEK ? total : 0);
        total += n > 0 ? (size_t)n : 0;
        bool wants_more = m->flags & MSG_WAITALL && m->data.left && m->waits;
        if (n >= 0 && !(n && wants_more))
            return (long)total;
        if (n < 0 && (n != -EAGAIN || !m->waits || (total && !wants_more)))
            return total ? (long)total : n;
        if (n > 0)
            continue;
        n = socket_wait(&socket->ready, seen, socket->receive_limit, &until);
        if (n)
            return total ? (long)total : n;
    }
}
