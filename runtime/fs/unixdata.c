/* SPDX-License-Identifier: MIT */
/*
 * AF_UNIX: packets, which are datagrams or pieces of a stream. What a socket has sent and
 * nobody has taken counts against its own buffer size: SO_SNDBUF.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>

#include "base/string.h"
#include "fs/unix.h"
#include "mm/heap.h"
#include "signal/signal.h"

enum {
    CAN_READ = POLLIN | POLLRDNORM,
    CAN_WRITE = POLLOUT | POLLWRNORM | POLLWRBAND,
    PIECE = 32768, /* of a stream */
    OVERHEAD = 32, /* a datagram is that much smaller than the buffer, at least */
};

static const uint16_t rooms[] = {112, 992, PAGE_SIZE - sizeof(struct fragment)};

/* Making and freeing */

void packet_free(struct packet *p) {
    for (struct fragment *f = p->first, *next; f; f = next) {
        next = f->next;
        heap_free(f);
    }
    if (p->rights)
        rights_free(p->rights);
    if (p->from) {
        struct unix_socket *from = p->from;
        lock_take(&unix_lock);
        bool was_full = from->on_the_way * 4 > from->socket.send_size;
        from->on_the_way -= p->charged;
        bool notifies = was_full && from->on_the_way * 4 <= from->socket.send_size;
        lock_drop(&unix_lock);
        if (notifies)
            ready_notify(&from->socket.ready, CAN_WRITE);
        unix_put(from);
    }
    heap_free(p);
}

static struct fragment *add_fragment(struct packet *p, size_t wanted) {
    unsigned class = wanted <= rooms[0] ? 0 : wanted <= rooms[1] ? 1 : 2;
    struct fragment *f = heap_alloc(sizeof *f + rooms[class]);

    if (!f)
        return NULL;
    f->room = rooms[class];
    *(p->last ? &p->last->next : &p->first) = f;
    p->last = f;
    return f;
}

/* size bytes of the message, or as many as can be read. */
static long fill(struct packet *p, struct message *m, size_t size) {
    while (p->size < size) {
        struct fragment *f = add_fragment(p, size - p->size);
        if (!f)
            return -ENOMEM;
        size_t wanted = MIN(size - p->size, (size_t)f->room);
        long n = transfer_get(&m->data, f->data, wanted);
        if (n < 0)
            return n;
        f->size = (uint16_t)n;
        p->size += (size_t)n;
        if ((size_t)n < wanted)
            return -EFAULT;
    }
    return 0;
}

static long make_packet(struct unix_socket *u, struct message *m, size_t size,
                        bool with_control, struct packet **made) {
    struct packet *p = heap_alloc(sizeof *p);

    if (!p)
        return -ENOMEM;
    long error = with_control && m->control_size ? unix_read_control(m, p) : 0;
    if (!error)
        error = fill(p, m, size);
    if (error == -EFAULT && u->socket.type == SOCK_STREAM && p->size)
        error = 0;
    if (error) {
        packet_free(p);
        return error;
    }
    p->from = unix_hold(u);
    *made = p;
    return 0;
}

/* Sending. Under the lock where it says so. */

/* A small piece goes behind what is there: true, and the packet is not needed. Locked. */
static bool append(struct unix_socket *to, const struct packet *p) {
    if (list_is_empty(&to->packets) || p->rights || p->first != p->last)
        return false;
    struct packet *last = LIST_RECORD(to->packets.previous, struct packet, node);
    struct fragment *f = last->last;
    size_t end = f ? (size_t)f->start + f->size : 0;
    if (!f || last->from != p->from || last->rights || end + p->size > f->room)
        return false;
    memcpy(f->data + end, p->first->data, p->size);
    f->size = (uint16_t)(f->size + p->size);
    last->size += p->size;
    last->charged += p->size;
    return true;
}

/* Locked. False: the packet is to be freed. */
static bool enqueue(struct unix_socket *to, struct packet *p) {
    p->from->on_the_way += p->size;
    to->queued += p->size;
    if (to->socket.type == SOCK_STREAM && append(to, p))
        return false;
    p->charged = p->size;
    list_insert(&p->node, &to->packets);
    to->count++;
    return true;
}

/* Can u send on its connection? Locked. */
static long check_stream(const struct unix_socket *u) {
    if (u->state != UNIX_CONNECTED || !u->peer)
        return -ENOTCONN;
    if (u->shut & SHUT_OUT || u->peer->dead || u->peer->shut & SHUT_IN)
        return -EPIPE;
    return u->on_the_way >= u->socket.send_size ? -EAGAIN : 0;
}

/* To whom u is connected, with a reference, if it can send. */
static long get_peer(struct unix_socket *u, struct unix_socket **peer) {
    lock_take(&unix_lock);
    long error = check_stream(u);
    *peer = error ? NULL : unix_hold(u->peer);
    lock_drop(&unix_lock);
    return error;
}

/* Frees the packet or gives it away. Its rights are on the way before others see it. */
static long deliver(struct unix_socket *u, struct unix_socket *to, struct packet *p,
                    long (*check)(const struct unix_socket *u,
                                  const struct unix_socket *to)) {
    if (p->rights)
        rights_send(p->rights);
    lock_take(&unix_lock);
    long error = check(u, to);
    bool is_kept = !error && enqueue(to, p);
    lock_drop(&unix_lock);
    if (error) {
        if (p->rights)
            rights_take(p->rights);
        return error;
    }
    if (!is_kept)
        packet_free(p);
    ready_notify(&to->socket.ready, CAN_READ);
    return 0;
}

static long check_piece(const struct unix_socket *u, const struct unix_socket *to) {
    long error = check_stream(u);

    (void)to;
    return error == -EAGAIN ? 0 : error; /* there was room when it was made */
}

static long send_piece(struct unix_socket *u, struct message *m, bool is_first) {
    struct unix_socket *to;
    struct packet *p;
    long error = get_peer(u, &to);

    if (error || !m->data.left) {
        if (to)
            unix_put(to);
        return error;
    }
    size_t half = u->socket.send_size / 2;
    size_t size = MIN(m->data.left, MIN((size_t)PIECE, half));
    error = make_packet(u, m, size, is_first, &p);
    long n = error ? error : (long)p->size;
    if (!error) {
        error = deliver(u, to, p, check_piece);
        if (error)
            packet_free(p);
    }
    unix_put(to);
    return error ? error : n;
}

static long send_stream(struct unix_socket *u, struct message *m) {
    long total = 0, n = 0;
    uint64_t until = 0;

    if (m->address_size)
        return u->state == UNIX_CONNECTED ? -EISCONN : -EOPNOTSUPP;
    do {
        uint32_t seen = ready_seen(&u->socket.ready);
        n = send_piece(u, m, !total);
        if (n > 0)
            total += n;
        else if (n == -EAGAIN && m->waits)
            n = socket_wait(&u->socket.ready, seen, u->socket.send_limit, &until);
        else
            break;
    } while (n >= 0 && m->data.left);
    if (n == -EPIPE && !total && !(m->flags & MSG_NOSIGNAL))
        signal_raise(SIGPIPE);
    return total ? total : n;
}

/* Locked. */
static long check_datagram(const struct unix_socket *u, const struct unix_socket *to) {
    if (u->socket.type == SOCK_SEQPACKET)
        return check_stream(u);
    if (u->shut & SHUT_OUT)
        return -EPIPE;
    if (to->dead)
        return -ECONNREFUSED;
    if (to->peer && to->peer != u)
        return -EPERM;
    if (to->shut & SHUT_IN)
        return -EPIPE;
    return u->on_the_way >= u->socket.send_size || unix_is_crowded(to, u) ? -EAGAIN : 0;
}

/* To whom a datagram goes, with a reference. */
static long find_receiver(struct unix_socket *u, struct message *m,
                          struct unix_socket **to) {
    if (m->address_size && u->socket.type == SOCK_DGRAM)
        return unix_find(&m->address, m->address_size, SOCK_DGRAM, to);
    lock_take(&unix_lock);
    *to = u->peer ? unix_hold(u->peer) : NULL;
    lock_drop(&unix_lock);
    return *to ? 0 : -ENOTCONN;
}

/* Where it is to be waited: at its own buffer, or at the receiver's queue. */
static struct ready *where_to_wait(struct unix_socket *u, struct unix_socket *to) {
    return u->on_the_way >= u->socket.send_size ? &u->socket.ready : &to->socket.ready;
}

static long send_to(struct unix_socket *u, struct unix_socket *to, struct message *m) {
    struct packet *p;
    size_t size = m->data.left;
    uint64_t until = 0;

    if (size > u->socket.send_size - OVERHEAD)
        return -EMSGSIZE;
    long error = make_packet(u, m, size, true, &p);
    if (error)
        return error;
    for (;;) {
        uint32_t own = ready_seen(&u->socket.ready), others = ready_seen(&to->socket.ready);
        error = deliver(u, to, p, check_datagram);
        if (error != -EAGAIN || !m->waits)
            break;
        struct ready *ready = where_to_wait(u, to);
        error = socket_wait(ready, ready == &u->socket.ready ? own : others,
                            u->socket.send_limit, &until);
        if (error)
            break;
    }
    if (error)
        packet_free(p);
    return error ? error : (long)size;
}

/* Whoever is connected to a socket that is gone is so no more. */
static void forget_peer(struct unix_socket *u, struct unix_socket *gone) {
    lock_take(&unix_lock);
    bool was_peer = u->peer == gone && u->socket.type == SOCK_DGRAM;
    if (was_peer) {
        unix_leave_crowd(u);
        u->peer = NULL;
        u->state = UNIX_APART;
    }
    lock_drop(&unix_lock);
    if (was_peer)
        unix_put(gone);
}

static long send_datagram(struct unix_socket *u, struct message *m) {
    struct unix_socket *to;
    long n = find_receiver(u, m, &to);

    if (n)
        return n;
    n = send_to(u, to, m);
    if (n == -ECONNREFUSED && !m->address_size)
        forget_peer(u, to);
    unix_put(to);
    return n;
}

long unix_send(struct socket *socket, struct message *m) {
    struct unix_socket *u = unix_of(socket);
    long error = socket_take_error(socket);

    if (error)
        return error;
    if (m->flags & MSG_OOB)
        return -EOPNOTSUPP;
    return socket->type == SOCK_STREAM ? send_stream(u, m) : send_datagram(u, m);
}

/* Receiving. The socket's `reading` is held: nobody else takes packets away. */

/* What there is if no packet is. Locked. */
static long nothing(const struct unix_socket *u) {
    if (u->socket.type == SOCK_STREAM && u->state != UNIX_CONNECTED)
        return -EINVAL;
    if (u->socket.type == SOCK_SEQPACKET && u->state != UNIX_CONNECTED)
        return -ENOTCONN;
    if (u->socket.error)
        return -EIO; /* to be taken */
    return u->shut & SHUT_IN ? 0 : -EAGAIN;
}

static struct packet *first_packet(struct unix_socket *u) {
    return list_is_empty(&u->packets) ? NULL
                                      : LIST_RECORD(u->packets.next, struct packet, node);
}

static void tell_sender(struct message *m, const struct packet *p) {
    m->address_size = 0;
    if (p->from->name.size)
        unix_tell_name(p->from, &m->address, &m->address_size);
}

/* Bytes are taken away from a stream's first fragment. */
static void consume(struct unix_socket *u, struct packet *p, size_t n) {
    struct fragment *f = p->first;
    bool notifies = false;

    lock_take(&unix_lock);
    f->start = (uint16_t)(f->start + n);
    f->size = (uint16_t)(f->size - n);
    p->size -= n;
    u->queued -= n;
    p->charged -= n;
    bool was_full = p->from->on_the_way * 4 > p->from->socket.send_size;
    p->from->on_the_way -= n;
    notifies = was_full && p->from->on_the_way * 4 <= p->from->socket.send_size;
    bool is_over = !p->size;
    if (is_over) {
        list_remove(&p->node);
        u->count--;
    } else if (!f->size) {
        p->first = f->next;
        heap_free(f);
    }
    lock_drop(&unix_lock);
    if (notifies)
        ready_notify(&p->from->socket.ready, CAN_WRITE);
    if (is_over)
        packet_free(p);
}

/* A place in the queue, for who only peeks. */
struct cursor {
    struct packet *packet;
    struct fragment *fragment;
    size_t at;
};

static void to_packet(struct cursor *c, struct packet *p) {
    *c = (struct cursor){p, p ? p->first : NULL, 0};
}

/* Bytes from there on, of one fragment: their number. Locked. */
static size_t look(const struct unix_socket *u, struct cursor *c) {
    for (;;) {
        while (c->fragment && c->at == c->fragment->size) {
            c->fragment = c->fragment->next;
            c->at = 0;
        }
        if (c->fragment)
            return c->fragment->size - c->at;
        if (!c->packet || c->packet->node.next == &u->packets)
            return 0;
        to_packet(c, LIST_RECORD(c->packet->node.next, struct packet, node));
    }
}

/* Of a stream, what is there. Rights come with the first byte, and what follows does not.
 */
static long take_stream(struct unix_socket *u, struct message *m, bool peeks,
                        bool *has_rights) {
    struct cursor c = {0};
    long total = 0;

    while (m->data.left) {
        lock_take(&unix_lock);
        if (!c.packet || !peeks)
            to_packet(&c, first_packet(u));
        const struct packet *before = c.packet;
        size_t n = MIN(look(u, &c), m->data.left);
        long error = n || total ? 0 : nothing(u);
        lock_drop(&unix_lock);
        if (!n)
            return total ? total : error;
        if (*has_rights && peeks && c.packet != before)
            break;
        long moved = transfer_put(&m->data, c.fragment->data + c.fragment->start + c.at, n);
        if (moved < 0)
            return total ? total : moved;
        if (!total) {
            tell_sender(m, c.packet);
            if (u->socket.passes_credentials)
                unix_write_credentials(m, c.packet);
        }
        if (c.packet->rights && !*has_rights) {
            unix_write_rights(m, c.packet, peeks);
            *has_rights = true;
        }
        total += moved;
        bool is_end = (size_t)moved == c.packet->size;
        if (peeks)
            c.at += (size_t)moved;
        else
            consume(u, c.packet, (size_t)moved);
        if ((size_t)moved < n || (*has_rights && is_end))
            break;
    }
    return total;
}

static long copy_packet(struct packet *p, struct message *m) {
    long total = 0;

    for (struct fragment *f = p->first; f && m->data.left; f = f->next) {
        long n = f->size ? transfer_put(&m->data, f->data, f->size) : 0;
        if (n < 0 || ((size_t)n < f->size && m->data.left))
            return -EFAULT;
        total += n;
    }
    return total;
}

/* A packet is taken away, whole. */
static void remove_packet(struct unix_socket *u, struct packet *p) {
    lock_take(&unix_lock);
    bool was_crowded = u->count > 10;
    list_remove(&p->node);
    u->count--;
    u->queued -= p->size;
    if (!unix_is_crowded(u, NULL))
        unix_tell_crowd(u);
    lock_drop(&unix_lock);
    if (was_crowded) {
        ready_notify(&u->socket.ready, CAN_WRITE);
        ready_notify(&p->from->socket.ready, CAN_WRITE);
    }
    packet_free(p);
}

static long take_packet(struct unix_socket *u, struct message *m, bool peeks) {
    lock_take(&unix_lock);
    struct packet *p = first_packet(u);
    long n = p ? 0 : nothing(u);
    lock_drop(&unix_lock);
    if (!p)
        return n;
    n = copy_packet(p, m);
    if (n >= 0) {
        tell_sender(m, p);
        if ((size_t)n < p->size)
            m->told |= MSG_TRUNC;
        if (m->flags & MSG_TRUNC)
            n = (long)p->size;
        if (u->socket.passes_credentials)
            unix_write_credentials(m, p);
        if (p->rights)
            unix_write_rights(m, p, peeks);
    }
    if (!peeks)
        remove_packet(u, p);
    return n;
}

/* What the socket's error says, if that is what there is. */
static long take_once(struct unix_socket *u, struct message *m, bool *has_rights) {
    bool peeks = m->flags & MSG_PEEK;

    mutex_take(&u->reading);
    long n = u->socket.type == SOCK_STREAM ? take_stream(u, m, peeks, has_rights)
                                           : take_packet(u, m, peeks);
    mutex_drop(&u->reading);
    if (n == -EIO) {
        n = socket_take_error(&u->socket);
        n = n ? n : -EAGAIN;
    }
    return n;
}

/* Is a stream's receiver to wait for more? */
static bool wants_more(const struct unix_socket *u, const struct message *m, long n,
                       bool has_rights) {
    return n > 0 && u->socket.type == SOCK_STREAM && m->flags & MSG_WAITALL &&
           !(m->flags & MSG_PEEK) && m->data.left && !has_rights && m->waits;
}

long unix_receive(struct socket *socket, struct message *m) {
    struct unix_socket *u = unix_of(socket);
    long total = 0;
    uint64_t until = 0;
    bool has_rights = false;

    if (m->flags & MSG_OOB)
        return -EOPNOTSUPP;
    if (!m->data.left && socket->type == SOCK_STREAM)
        return 0;
    for (;;) {
        uint32_t seen = ready_seen(&socket->ready);
        long n = take_once(u, m, &has_rights);
        total += n > 0 ? n : 0;
        if (n >= 0 && !wants_more(u, m, n, has_rights))
            return total;
        if (n < 0 && (n != -EAGAIN || !m->waits))
            return total ? total : n;
        if (n > 0)
            continue;
        n = socket_wait(&socket->ready, seen, socket->receive_limit, &until);
        if (n)
            return total ? total : n;
    }
}
