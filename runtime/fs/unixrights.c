/* SPDX-License-Identifier: MIT */
/*
 * AF_UNIX: open files and credentials that go along with data; and sockets that are only in
 * queues which nobody can read any more.
 */
#include <errno.h>
#include <fcntl.h>

#include "base/string.h"
#include "fs/unix.h"
#include "mm/heap.h"
#include "pv/access.h"

/* Linux's; the C library's has a padding in its place. */
struct control_head {
    size_t size; /* with this head */
    int level, type;
};

#define ALIGNED(size) ROUND_UP(size, sizeof(size_t))

static const struct ucred_of us = {.pid = 1};

/* Sockets whose files are in queues; under unix_lock. */
static struct list flying = {&flying, &flying};

static struct unix_socket *unix_of_file(const struct file *file) {
    struct socket *s = socket_of(file);

    return s && s->family == AF_UNIX ? unix_of(s) : NULL;
}

void rights_send(struct rights *r) {
    lock_take(&unix_lock);
    for (unsigned i = 0; i < r->count; i++) {
        struct unix_socket *u = unix_of_file(r->files[i]);
        if (u && !u->in_flight++) {
            u->file = r->files[i];
            list_insert(&u->flying, &flying);
        }
    }
    lock_drop(&unix_lock);
    r->in_flight = true;
}

void rights_take(struct rights *r) {
    if (!r->in_flight)
        return;
    lock_take(&unix_lock);
    for (unsigned i = 0; i < r->count; i++) {
        struct unix_socket *u = unix_of_file(r->files[i]);
        if (u && !--u->in_flight)
            list_remove(&u->flying);
    }
    lock_drop(&unix_lock);
    r->in_flight = false;
}

void rights_free(struct rights *r) {
    rights_take(r);
    for (unsigned i = 0; i < r->count; i++)
        file_drop(r->files[i]);
    heap_free(r);
}

/* Reading */

static long read_rights(struct packet *p, const char *from, size_t size) {
    size_t count = size / sizeof(int);

    if (!count)
        return 0;
    if (!p->rights)
        p->rights = heap_alloc(sizeof *p->rights);
    if (!p->rights)
        return -ENOMEM;
    if (count + p->rights->count > RIGHTS_MOST)
        return -EINVAL;
    for (size_t i = 0; i < count; i++) {
        int fd;
        if (user_read(&fd, from + i * sizeof fd, sizeof fd))
            return -EFAULT;
        struct file *file = fd_get(fd);
        if (!file)
            return -EBADF;
        p->rights->files[p->rights->count++] = file;
    }
    return 0;
}

static long read_credentials(struct packet *p, const char *from, size_t size) {
    if (size != sizeof p->credentials)
        return -EINVAL;
    if (user_read(&p->credentials, from, size))
        return -EFAULT;
    p->tells_credentials = true;
    return p->credentials.pid == us.pid ? 0 : -EPERM;
}

long unix_read_control(const struct message *m, struct packet *p) {
    const char *at = m->control;
    size_t left = m->control_size;
    struct control_head head;

    while (left >= sizeof head) {
        if (user_read(&head, at, sizeof head))
            return -EFAULT;
        if (head.size < sizeof head || head.size > left)
            return -EINVAL;
        long error = 0;
        size_t size = head.size - sizeof head;
        if (head.level == SOL_SOCKET && head.type == SCM_RIGHTS)
            error = read_rights(p, at + sizeof head, size);
        else if (head.level == SOL_SOCKET && head.type == SCM_CREDENTIALS)
            error = read_credentials(p, at + sizeof head, size);
        else if (head.level == SOL_SOCKET)
            error = -EINVAL;
        if (error)
            return error;
        left -= MIN(left, ALIGNED(head.size));
        at += ALIGNED(head.size);
    }
    return 0;
}

/* Writing. control is the next place, control_size what is left there. */

static void finish(struct message *m, int type, size_t size) {
    struct control_head head = {sizeof head + size, SOL_SOCKET, type};
    size_t space = MIN(ALIGNED(head.size), m->control_size);

    if (user_write(m->control, &head, sizeof head))
        m->told |= MSG_CTRUNC;
    m->control = (char *)m->control + space;
    m->control_size -= space;
}

void unix_write_credentials(struct message *m, const struct packet *p) {
    struct ucred_of credentials = p->tells_credentials ? p->credentials : us;
    size_t size = sizeof credentials;

    if (m->control_size < sizeof(struct control_head)) {
        m->told |= MSG_CTRUNC;
        return;
    }
    if (m->control_size < sizeof(struct control_head) + size) {
        m->told |= MSG_CTRUNC;
        size = m->control_size - sizeof(struct control_head);
    }
    if (user_write((char *)m->control + sizeof(struct control_head), &credentials, size))
        m->told |= MSG_CTRUNC;
    finish(m, SCM_CREDENTIALS, size);
}

/* Descriptors of as many files as there is room for: their number. */
static size_t install(struct message *m, struct rights *r, size_t most) {
    bool close_on_exec = m->flags & MSG_CMSG_CLOEXEC;
    int *to = (int *)(void *)((char *)m->control + sizeof(struct control_head));
    size_t done = 0;

    while (done < MIN(most, (size_t)r->count)) {
        long fd = fd_install(file_hold(r->files[done]), close_on_exec, 0);
        if (fd < 0) {
            file_drop(r->files[done]);
            break;
        }
        int number = (int)fd;
        if (user_write(&to[done], &number, sizeof number)) {
            fd_close(number);
            break;
        }
        done++;
    }
    return done;
}

void unix_write_rights(struct message *m, struct packet *p, bool peeks) {
    struct rights *r = p->rights;
    size_t head = sizeof(struct control_head);
    size_t most = m->control_size > head ? (m->control_size - head) / sizeof(int) : 0;
    size_t done = install(m, r, most);

    if (done < r->count)
        m->told |= MSG_CTRUNC;
    if (done)
        finish(m, SCM_RIGHTS, done * sizeof(int));
    if (peeks)
        return;
    p->rights = NULL;
    rights_free(r);
}

/*
 * The collector: of the sockets in flight those are reachable that somebody refers to who
 * is not in a queue of one of them, and what is in the queues of reachable ones. All under
 * the lock; then the queues of the others are emptied.
 */

/* What is in u's queue, and in those of who waits to be accepted by it. */
static void each_inside(struct unix_socket *u, void (*tell)(struct unix_socket *inside)) {
    for (struct list *at = u->packets.next; at != &u->packets; at = at->next) {
        const struct rights *r = LIST_RECORD(at, struct packet, node)->rights;
        for (unsigned i = 0; r && i < r->count; i++)
            if (unix_of_file(r->files[i]))
                tell(unix_of_file(r->files[i]));
    }
    for (struct list *at = u->pending.next; at != &u->pending; at = at->next)
        each_inside(LIST_RECORD(at, struct unix_socket, in_pending), tell);
}

static void count_inside(struct unix_socket *u) {
    u->inside++;
}

static void reach(struct unix_socket *u) {
    if (!u->is_reached)
        u->is_reached = u->is_new = true;
}

/* Who is reachable. */
static void mark(const struct file *closed) {
    struct list *at;
    bool found = true;

    for (at = flying.next; at != &flying; at = at->next) {
        struct unix_socket *u = LIST_RECORD(at, struct unix_socket, flying);
        u->inside = 0;
        u->is_reached = u->is_new = false;
    }
    for (at = flying.next; at != &flying; at = at->next)
        each_inside(LIST_RECORD(at, struct unix_socket, flying), count_inside);
    for (at = flying.next; at != &flying; at = at->next) {
        struct unix_socket *u = LIST_RECORD(at, struct unix_socket, flying);
        unsigned leaving = u->file == closed;
        if (__atomic_load_n(&u->file->references, __ATOMIC_SEQ_CST) - leaving > u->inside)
            reach(u);
    }
    while (found) {
        found = false;
        for (at = flying.next; at != &flying; at = at->next) {
            struct unix_socket *u = LIST_RECORD(at, struct unix_socket, flying);
            if (!u->is_new)
                continue;
            u->is_new = false;
            found = true;
            each_inside(u, reach);
        }
    }
}

static void take_queue(struct unix_socket *u, struct list *garbage) {
    while (!list_is_empty(&u->packets)) {
        struct list *at = u->packets.next;
        list_remove(at);
        list_insert(at, garbage);
    }
    u->count = 0;
    u->queued = 0;
    for (struct list *at = u->pending.next; at != &u->pending; at = at->next)
        take_queue(LIST_RECORD(at, struct unix_socket, in_pending), garbage);
}

void unix_collect(const struct file *closed) {
    struct list garbage;

    list_init(&garbage);
    lock_take(&unix_lock);
    if (!list_is_empty(&flying))
        mark(closed);
    for (struct list *at = flying.next; at != &flying; at = at->next) {
        struct unix_socket *u = LIST_RECORD(at, struct unix_socket, flying);
        if (!u->is_reached)
            take_queue(u, &garbage);
    }
    lock_drop(&unix_lock);
    for (struct list *at = garbage.next, *next; at != &garbage; at = next) {
        next = at->next;
        packet_free(LIST_RECORD(at, struct packet, node));
    }
}
