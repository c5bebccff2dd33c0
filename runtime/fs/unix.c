/* SPDX-License-Identifier: MIT */
/* AF_UNIX: names and connections. */
#include "fs/unix.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "base/string.h"
#include "fs/names.h"
#include "mm/heap.h"
#include "pv/access.h"

enum {
    CAN_READ = POLLIN | POLLRDNORM,
    CAN_WRITE = POLLOUT | POLLWRNORM | POLLWRBAND,
    ANY = CAN_READ | CAN_WRITE | POLLHUP | POLLRDHUP | POLLERR,
    HEAD = offsetof(struct sockaddr_un, sun_path),
    CROWD = 10, /* messages that wait, which stop who is not the socket's peer */
    AUTO_NAMES = 1 << 20,
};

struct lock unix_lock = LOCK_INIT(LOCK_OBJECT);
static struct list abstract = {&abstract, &abstract};
static const struct ucred_of us = {.pid = 1};

void unix_put(struct unix_socket *u) {
    if (!__atomic_sub_fetch(&u->references, 1, __ATOMIC_SEQ_CST))
        heap_free(u);
}

static void notify(struct unix_socket *u, unsigned events) {
    ready_notify(&u->socket.ready, events);
}

/* Names */

void unix_tell_name(const struct unix_socket *u, struct sockaddr_storage *name,
                    unsigned *size) {
    struct sockaddr_un un = {.sun_family = AF_UNIX};

    memcpy(un.sun_path, u->name.path, u->name.size);
    memcpy(name, &un, sizeof un);
    *size = HEAD + u->name.size;
}

/* Under the lock. */
static struct unix_socket *find_abstract(const struct unix_name *name, int type) {
    for (struct list *at = abstract.next; at != &abstract; at = at->next) {
        struct unix_socket *u = LIST_RECORD(at, struct unix_socket, by_name);
        if (u->socket.type == type && u->name.size == name->size &&
            !memcmp(u->name.path, name->path, name->size))
            return u;
    }
    return NULL;
}

/* The name's path ends with a 0, which counts, unless it is abstract. -EINVAL. */
static long read_name(const struct sockaddr_storage *from, unsigned size,
                      struct unix_name *name, char text[sizeof name->path + 1]) {
    const struct sockaddr_un *un = (const void *)from;

    if (size <= HEAD || size > sizeof *un || un->sun_family != AF_UNIX)
        return -EINVAL;
    size -= HEAD;
    memcpy(name->path, un->sun_path, size);
    memcpy(text, un->sun_path, size);
    text[size] = 0;
    name->size = size;
    if (text[0])
        name->size = MIN((unsigned)strlen(text) + 1, (unsigned)sizeof name->path);
    return 0;
}

static long find_path(const char *path, struct unix_socket **found) {
    struct entry *e;
    long error = path_find_entry(AT_FDCWD, path, PATH_FOLLOW, &e);

    if (error)
        return error;
    lock_take(&unix_lock);
    struct unix_socket *u = S_ISSOCK(e->vnode->mode) ? e->vnode->bound : NULL;
    *found = u ? unix_hold(u) : NULL;
    lock_drop(&unix_lock);
    entry_drop(e);
    return u ? 0 : -ECONNREFUSED;
}

long unix_find(const struct sockaddr_storage *to, unsigned size, int type,
               struct unix_socket **found) {
    struct unix_name name;
    char text[sizeof name.path + 1];
    long error = read_name(to, size, &name, text);

    if (error)
        return error;
    if (text[0]) {
        error = find_path(text, found);
        if (error || (*found)->socket.type == type)
            return error;
        unix_put(*found);
        return -EPROTOTYPE;
    }
    lock_take(&unix_lock);
    struct unix_socket *u = find_abstract(&name, type);
    *found = u ? unix_hold(u) : NULL;
    lock_drop(&unix_lock);
    return u ? 0 : -ECONNREFUSED;
}

static long bind_abstract(struct unix_socket *u, const struct unix_name *name) {
    lock_take(&unix_lock);
    bool is_taken = find_abstract(name, u->socket.type);
    if (!is_taken) {
        u->name = *name;
        list_insert(&u->by_name, &abstract);
    }
    lock_drop(&unix_lock);
    return is_taken ? -EADDRINUSE : 0;
}

/* Five hexadecimal digits that nobody has. */
static long bind_any(struct unix_socket *u) {
    static uint32_t last;

    for (unsigned i = 0; i < AUTO_NAMES; i++) {
        uint32_t number = __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED) % AUTO_NAMES;
        struct unix_name name = {.size = 6};
        for (unsigned k = 0; k < 5; k++)
            name.path[1 + k] = "0123456789abcdef"[number >> (16 - 4 * k) & 15];
        if (!bind_abstract(u, &name))
            return 0;
    }
    return -ENOSPC;
}

static long bind_path(struct unix_socket *u, const struct unix_name *name,
                      const char *path) {
    struct entry *e;
    long error = names_make(AT_FDCWD, path, S_IFSOCK | 0777, 0, NULL);

    if (!error)
        error = path_find_entry(AT_FDCWD, path, 0, &e);
    if (error)
        return error == -EEXIST ? -EADDRINUSE : error;
    lock_take(&unix_lock);
    u->name = *name;
    u->vnode = vnode_hold(e->vnode);
    u->vnode->bound = u;
    lock_drop(&unix_lock);
    entry_drop(e);
    return 0;
}

/* A second name is refused, but what is in its place is told of first. */
static long bind_again(const char *path) {
    struct entry *e;
    long error = path_find_entry(AT_FDCWD, path, 0, &e);

    if (!error)
        entry_drop(e);
    return !error ? -EADDRINUSE : error == -ENOENT ? -EINVAL : error;
}

static long unix_bind(struct socket *socket, const struct sockaddr_storage *to,
                      unsigned size) {
    struct unix_socket *u = unix_of(socket);
    struct unix_name name;
    char text[sizeof name.path + 1];
    bool any = size == HEAD && to->ss_family == AF_UNIX;
    long error = any ? 0 : read_name(to, size, &name, text);

    if (error)
        return error;
    mutex_take(&u->naming);
    if (u->name.size)
        error = any ? 0 : !text[0] ? -EINVAL : bind_again(text);
    else if (any)
        error = bind_any(u);
    else if (text[0])
        error = bind_path(u, &name, text);
    else
        error = bind_abstract(u, &name);
    mutex_drop(&u->naming);
    return error;
}

static long unix_name(struct socket *socket, bool peer, struct sockaddr_storage *name,
                      unsigned *size) {
    struct unix_socket *u = unix_of(socket);

    lock_take(&unix_lock);
    struct unix_socket *of = peer ? u->peer : u;
    if (of)
        unix_tell_name(of, name, size);
    lock_drop(&unix_lock);
    return of ? 0 : -ENOTCONN;
}

/* Connections */

static const struct socket_ops unix_ops;

static struct unix_socket *make_socket(int type) {
    struct unix_socket *u = heap_alloc(sizeof *u);

    if (!u)
        return NULL;
    socket_init(&u->socket, &unix_ops, AF_UNIX, type);
    u->references = 1;
    u->peer_credentials = (struct ucred_of){0, -1u, -1u};
    list_init(&u->packets);
    list_init(&u->pending);
    list_init(&u->crowd);
    return u;
}

long unix_make(int type, int protocol, struct socket **made) {
    if (protocol && protocol != AF_UNIX)
        return -EPROTONOSUPPORT;
    if (type == SOCK_RAW) /* as Linux takes it */
        type = SOCK_DGRAM;
    if (type != SOCK_STREAM && type != SOCK_DGRAM && type != SOCK_SEQPACKET)
        return -ESOCKTNOSUPPORT;
    struct unix_socket *u = make_socket(type);
    *made = u ? &u->socket : NULL;
    return u ? 0 : -ENOMEM;
}

static bool is_connection(const struct unix_socket *u) {
    return u->socket.type != SOCK_DGRAM;
}

/* Under the lock. */
static void join(struct unix_socket *a, struct unix_socket *b) {
    a->peer = unix_hold(b);
    a->state = UNIX_CONNECTED;
    a->peer_credentials = us;
}

void unix_connect_pair(struct socket *a, struct socket *b) {
    lock_take(&unix_lock);
    join(unix_of(a), unix_of(b));
    join(unix_of(b), unix_of(a));
    lock_drop(&unix_lock);
}

/* -EAGAIN: there are enough that wait. Under the lock. */
static long check_connect(const struct unix_socket *u, const struct unix_socket *to) {
    if (to->state != UNIX_LISTENS || to->dead || to->shut & SHUT_IN)
        return -ECONNREFUSED;
    if (to->waiting > to->backlog)
        return -EAGAIN;
    return u->state == UNIX_APART ? 0 : u->state == UNIX_CONNECTED ? -EISCONN : -EINVAL;
}

/* `server` is what is to be accepted. */
static long try_connect(struct unix_socket *u, struct unix_socket *to,
                        struct unix_socket *server) {
    lock_take(&unix_lock);
    long error = check_connect(u, to);
    if (!error) {
        join(u, server);
        join(server, u);
        server->name = to->name;
        server->socket.passes_credentials = to->socket.passes_credentials;
        list_insert(&server->in_pending, &to->pending);
        to->waiting++;
    }
    lock_drop(&unix_lock);
    if (error)
        return error;
    notify(to, CAN_READ);
    notify(u, CAN_WRITE);
    return 0;
}

static long connect_stream(struct unix_socket *u, const struct sockaddr_storage *address,
                           unsigned size, bool waits) {
    struct unix_socket *server = make_socket(u->socket.type), *to;
    uint64_t until = 0;
    long error = server ? 0 : -ENOMEM;

    while (!error) {
        error = unix_find(address, size, u->socket.type, &to);
        if (error)
            break;
        uint32_t seen = ready_seen(&to->socket.ready);
        error = try_connect(u, to, server);
        bool again = error == -EAGAIN && waits;
        if (again)
            error = socket_wait(&to->socket.ready, seen, u->socket.send_limit, &until);
        unix_put(to);
        if (!again)
            break;
    }
    if (error && server)
        unix_put(server);
    return error;
}

/* A datagram's socket only notes where to send; or, with NULL, no more. */
static long set_peer(struct unix_socket *u, struct unix_socket *to) {
    lock_take(&unix_lock);
    bool may = !to || !to->peer || to->peer == u;
    struct unix_socket *old = may ? u->peer : to;
    if (may) {
        unix_leave_crowd(u);
        u->peer = to;
        u->state = to ? UNIX_CONNECTED : UNIX_APART;
        if (to)
            u->peer_credentials = us;
    }
    lock_drop(&unix_lock);
    if (old)
        unix_put(old);
    notify(u, ANY);
    return may ? 0 : -EPERM;
}

static long unix_connect(struct socket *socket, const struct sockaddr_storage *to,
                         unsigned size, bool waits) {
    struct unix_socket *u = unix_of(socket), *other;

    if (is_connection(u))
        return connect_stream(u, to, size, waits);
    if (to->ss_family == AF_UNSPEC)
        return set_peer(u, NULL);
    long error = unix_find(to, size, socket->type, &other);
    return error ? error : set_peer(u, other);
}

static long unix_listen(struct socket *socket, int backlog) {
    struct unix_socket *u = unix_of(socket);
    long error = 0;

    if (!is_connection(u))
        return -EOPNOTSUPP;
    lock_take(&unix_lock);
    if (!u->name.size || u->state == UNIX_CONNECTED) {
        error = -EINVAL;
    } else {
        u->state = UNIX_LISTENS;
        u->backlog = (unsigned)backlog > SOMAXCONN ? 4096 : (unsigned)backlog;
        u->peer_credentials = us;
        socket->listens = true;
    }
    lock_drop(&unix_lock);
    notify(u, CAN_WRITE); /* for more there may be room */
    return error;
}

static long unix_accept(struct socket *socket, struct socket **accepted) {
    struct unix_socket *u = unix_of(socket), *first = NULL;
    long error = -EAGAIN;

    if (!is_connection(u))
        return -EOPNOTSUPP;
    lock_take(&unix_lock);
    if (u->state != UNIX_LISTENS || u->shut & SHUT_IN) {
        error = -EINVAL;
    } else if (!list_is_empty(&u->pending)) {
        first = LIST_RECORD(u->pending.next, struct unix_socket, in_pending);
        list_remove(&first->in_pending);
        u->waiting--;
        error = 0;
    }
    lock_drop(&unix_lock);
    if (error)
        return error;
    notify(u, CAN_WRITE);
    *accepted = &first->socket;
    return 0;
}

static long unix_shutdown(struct socket *socket, int how) {
    struct unix_socket *u = unix_of(socket), *peer = NULL;
    unsigned shut = (unsigned)how + 1; /* SHUT_RD, SHUT_WR, SHUT_RDWR: 0, 1, 2 */

    lock_take(&unix_lock);
    u->shut |= (uint8_t)shut;
    if (is_connection(u) && u->peer) {
        peer = unix_hold(u->peer);
        peer->shut |=
            (uint8_t)((shut & SHUT_IN ? SHUT_OUT : 0) | (shut & SHUT_OUT ? SHUT_IN : 0));
    }
    lock_drop(&unix_lock);
    notify(u, ANY);
    if (peer) {
        notify(peer, ANY);
        unix_put(peer);
    }
    return 0;
}

bool unix_is_crowded(const struct unix_socket *to, const struct unix_socket *from) {
    return to->count > CROWD && to->peer != from;
}

void unix_leave_crowd(struct unix_socket *u) {
    if (u->in_crowd.next)
        list_remove(&u->in_crowd);
    u->in_crowd.next = NULL;
}

void unix_tell_crowd(struct unix_socket *to) {
    while (!list_is_empty(&to->crowd)) {
        struct unix_socket *u = LIST_RECORD(to->crowd.next, struct unix_socket, in_crowd);
        unix_leave_crowd(u);
        notify(u, CAN_WRITE);
    }
}

/* If not, it is told when it may be so. */
static bool has_room_at_peer(struct unix_socket *u) {
    if (u->socket.type != SOCK_DGRAM || !u->peer || !unix_is_crowded(u->peer, u))
        return true;
    if (!u->in_crowd.next)
        list_insert(&u->in_crowd, &u->peer->crowd);
    return false;
}

static unsigned find_events(struct unix_socket *u) {
    unsigned events = u->socket.error ? POLLERR : 0;

    if (u->shut == SHUT_BOTH || (is_connection(u) && u->state == UNIX_APART))
        events |= POLLHUP;
    if (u->shut & SHUT_IN)
        events |= POLLRDHUP | CAN_READ;
    if (!list_is_empty(&u->packets) || !list_is_empty(&u->pending))
        events |= CAN_READ;
    if (u->state != UNIX_LISTENS && u->on_the_way * 4 <= u->socket.send_size &&
        has_room_at_peer(u))
        events |= CAN_WRITE;
    return events;
}

static unsigned unix_poll(struct socket *socket) {
    lock_take(&unix_lock);
    unsigned events = find_events(unix_of(socket));
    lock_drop(&unix_lock);
    return events;
}

static long unix_control(struct socket *socket, unsigned request, unsigned long argument) {
    struct unix_socket *u = unix_of(socket);
    size_t size;

    lock_take(&unix_lock);
    bool listens = u->state == UNIX_LISTENS;
    if (request == TIOCOUTQ)
        size = u->on_the_way;
    else if (is_connection(u) || list_is_empty(&u->packets))
        size = u->queued;
    else
        size = LIST_RECORD(u->packets.next, struct packet, node)->size;
    lock_drop(&unix_lock);
    if (request != FIONREAD && request != TIOCOUTQ)
        return -ENOTTY;
    int told = (int)size;
    return listens ? -EINVAL : user_write((void *)argument, &told, sizeof told);
}

static long unix_get(struct socket *socket, int level, int name, void *value,
                     unsigned *size) {
    if (level != SOL_SOCKET)
        return -EOPNOTSUPP;
    if (name != SO_PEERCRED)
        return -ENOPROTOOPT;
    *size = MIN(*size, (unsigned)sizeof(struct ucred_of));
    memcpy(value, &unix_of(socket)->peer_credentials, *size);
    return 0;
}

/* Closing */

static void move_list(struct list *from, struct list *to) {
    list_init(to);
    if (list_is_empty(from))
        return;
    *to = *from;
    to->next->previous = to->previous->next = to;
    list_init(from);
}

/* What others know of it goes. Under the lock; what is to be dropped then is the caller's.
 */
static void leave(struct unix_socket *u, struct list *packets, struct list *pending,
                  bool was_pending) {
    u->dead = true;
    u->shut = SHUT_BOTH;
    if (u->by_name.next)
        list_remove(&u->by_name);
    if (u->vnode && u->vnode->bound == u)
        u->vnode->bound = NULL;
    if (u->peer && is_connection(u)) {
        u->peer->shut = SHUT_BOTH;
        if (!list_is_empty(&u->packets) || was_pending)
            __atomic_store_n(&u->peer->socket.error, ECONNRESET, __ATOMIC_SEQ_CST);
    }
    move_list(&u->packets, packets);
    move_list(&u->pending, pending);
    u->count = 0;
    u->queued = 0;
}

static void close_socket(struct unix_socket *u, bool was_pending) {
    struct list packets, pending;

    lock_take(&unix_lock);
    leave(u, &packets, &pending, was_pending);
    struct unix_socket *peer = u->peer;
    u->peer = NULL;
    unix_leave_crowd(u);
    unix_tell_crowd(u);
    lock_drop(&unix_lock);
    if (peer) {
        notify(peer, ANY);
        unix_put(peer);
    }
    notify(u, ANY); /* who waits to be accepted, or for room */
    for (struct list *at = packets.next, *next; at != &packets; at = next) {
        next = at->next;
        packet_free(LIST_RECORD(at, struct packet, node));
    }
    for (struct list *at = pending.next, *next; at != &pending; at = next) {
        next = at->next;
        close_socket(LIST_RECORD(at, struct unix_socket, in_pending), true);
    }
    if (u->vnode)
        vnode_drop(u->vnode);
    unix_put(u);
}

static void unix_release(struct socket *socket) {
    close_socket(unix_of(socket), false);
    unix_collect(NULL);
}

/* If it stays, because it is in a queue, that may be one that nobody reads any more. */
static void unix_closing(struct socket *socket, struct file *file) {
    if (unix_of(socket)->in_flight)
        unix_collect(file);
}

static const struct socket_ops unix_ops = {.bind = unix_bind,
                                           .connect = unix_connect,
                                           .listen = unix_listen,
                                           .accept = unix_accept,
                                           .name = unix_name,
                                           .send = unix_send,
                                           .receive = unix_receive,
                                           .shutdown = unix_shutdown,
                                           .poll = unix_poll,
                                           .control = unix_control,
                                           .get = unix_get,
                                           .closing = unix_closing,
                                           .release = unix_release};
