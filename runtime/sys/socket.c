/* SPDX-License-Identifier: MIT */
/* System calls: sockets. */
#include "fs/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/uio.h>

#include "base/string.h"
#include "fs/hooks.h"
#include "net/inet.h"
#include "pv/access.h"
#include "sched/clock.h"
#include "sched/deadline.h"
#include "sched/hooks.h"
#include "sched/settle.h"
#include "sys/calls.h"

enum { TYPE_BITS = 15, OPTION_MOST = 256 };

/* Linux's struct msghdr; the C library's has paddings. */
struct user_message {
    void *name;
    unsigned name_size;
    struct iovec *parts;
    size_t count;
    void *control;
    size_t control_size;
    unsigned flags;
};

struct user_message_of_many {
    struct user_message message;
    unsigned size;
};

/* The descriptor's socket, whose file is to be dropped. -EBADF, -ENOTSOCK. */
static long get_socket(int fd, struct file **file, struct socket **socket) {
    long error = files_start();

    if (error)
        return error;
    *file = fd_get(fd);
    if (!*file)
        return -EBADF;
    *socket = (*file)->flags & O_PATH ? NULL : socket_of(*file);
    if (*socket)
        return 0;
    error = (*file)->flags & O_PATH ? -EBADF : -ENOTSOCK;
    file_drop(*file);
    return error;
}

static long read_address(struct sockaddr_storage *to, const void *from, unsigned size) {
    if (size > sizeof *to)
        return -EINVAL;
    *to = (struct sockaddr_storage){.ss_family = AF_UNSPEC};
    return size ? user_read(to, from, size) : 0;
}

/* As much as there is room for; *size becomes what it is. */
static long write_address(void *to, unsigned *size, const struct sockaddr_storage *address,
                          unsigned is) {
    int room;

    if (user_read(&room, size, sizeof room))
        return -EFAULT;
    if (room < 0)
        return -EINVAL;
    unsigned n = MIN((unsigned)room, is);
    if ((n && user_write(to, address, n)) || user_write(size, &is, sizeof is))
        return -EFAULT;
    return 0;
}

/* socket and socketpair */

static const struct family {
    int family;
    long (*make)(int type, int protocol, struct socket **made);
} families[] = {
    {AF_UNIX, unix_make},
    {AF_INET, inet_make},
    {AF_INET6, inet6_make},
    {AF_NETLINK, netlink_make},
};

static long make(int family, int type, int protocol, struct socket **made) {
    if (family < 0 || family >= AF_MAX)
        return -EAFNOSUPPORT;
    if (type < 0 || type > SOCK_PACKET)
        return -EINVAL;
    for (size_t i = 0; i < ARRAY_SIZE(families); i++)
        if (families[i].family == family) {
            scheduler_start();
            socket_interfaces = interface_control;
            return families[i].make(type, protocol, made);
        }
    return -EAFNOSUPPORT;
}

static bool splits_type(int *type, unsigned *flags) {
    *flags = (unsigned)*type & ~(unsigned)TYPE_BITS;
    *type &= TYPE_BITS;
    return !(*flags & ~(unsigned)(SOCK_NONBLOCK | SOCK_CLOEXEC));
}

static long install(struct socket *s, unsigned flags) {
    return fd_install_new(socket_file(s, flags & SOCK_NONBLOCK), flags & SOCK_CLOEXEC);
}

long atman_sys_socket(int family, int type, int protocol) {
    struct socket *s;
    unsigned flags;
    long error = files_start();

    if (error)
        return error;
    if (!splits_type(&type, &flags))
        return -EINVAL;
    error = make(family, type, protocol, &s);
    return error ? error : install(s, flags);
}

/* Of others there are none, so that who makes pairs alone has no other sockets. */
static long make_pair(int family, int type, int protocol, struct socket *pair[2]) {
    if (family != AF_UNIX)
        return family == AF_INET || family == AF_INET6 ? -EOPNOTSUPP : -EAFNOSUPPORT;
    scheduler_start();
    long error = unix_make(type, protocol, &pair[0]);
    if (error)
        return error;
    error = unix_make(type, protocol, &pair[1]);
    if (error)
        pair[0]->ops->release(pair[0]);
    else
        unix_connect_pair(pair[0], pair[1]);
    return error;
}

long atman_sys_socketpair(int family, int type, int protocol, int *to) {
    struct socket *pair[2];
    unsigned flags;
    long error = files_start();

    if (!error && !splits_type(&type, &flags))
        error = -EINVAL;
    if (!error)
        error = make_pair(family, type, protocol, pair);
    if (error)
        return error;
    long first = install(pair[0], flags), second = install(pair[1], flags);
    int fds[2] = {(int)first, (int)second};
    if (first >= 0 && second >= 0 && !user_write(to, fds, sizeof fds))
        return 0;
    if (first >= 0)
        fd_close(fds[0]);
    if (second >= 0)
        fd_close(fds[1]);
    return first < 0 ? first : second < 0 ? second : -EFAULT;
}

/* Names and connections */

static long bind_to(int fd, const struct sockaddr_storage *address, unsigned size) {
    struct socket *s;
    struct file *file;
    long result = get_socket(fd, &file, &s);

    if (result)
        return result;
    result = s->ops->bind(s, address, size);
    file_drop(file);
    return result;
}

long atman_sys_bind(int fd, const void *address, unsigned size) {
    struct sockaddr_storage own;
    long error = read_address(&own, address, size);

    if (error)
        return error;
    handlers_hold();
    error = bind_to(fd, &own, size);
    handlers_release();
    return error;
}

static long connect_to(int fd, const struct sockaddr_storage *address, unsigned size) {
    struct socket *s;
    struct file *file;
    long result = get_socket(fd, &file, &s);

    if (result)
        return result;
    result = s->ops->connect(s, address, size, !(file->flags & O_NONBLOCK));
    file_drop(file);
    return result;
}

long atman_sys_connect(int fd, const void *address, unsigned size) {
    struct sockaddr_storage own;
    long result = read_address(&own, address, size);

    if (result)
        return result;
    do {
        handlers_hold();
        result = connect_to(fd, &own, size);
    } while (handlers_settle(&result));
    return result;
}

long atman_sys_listen(int fd, int backlog) {
    struct socket *s;
    struct file *file;

    handlers_hold();
    long result = get_socket(fd, &file, &s);
    if (!result) {
        result = s->ops->listen(s, backlog);
        file_drop(file);
    }
    handlers_release();
    return result;
}

static long wait_accept(struct socket *s, bool waits, struct socket **accepted) {
    uint64_t until = 0;

    for (;;) {
        uint32_t seen = ready_seen(&s->ready);
        long result = s->ops->accept(s, accepted);
        if (result != -EAGAIN || !waits)
            return result;
        result = socket_wait(&s->ready, seen, s->receive_limit, &until);
        if (result)
            return result;
    }
}

static long accept_one(int fd, void *address, unsigned *size, unsigned flags) {
    struct sockaddr_storage name;
    struct socket *s, *accepted;
    unsigned name_size;
    struct file *file;
    long result = get_socket(fd, &file, &s);

    if (result)
        return result;
    result = wait_accept(s, !(file->flags & O_NONBLOCK), &accepted);
    file_drop(file);
    if (result)
        return result;
    if (address && accepted->ops->name(accepted, true, &name, &name_size))
        result = -ECONNABORTED;
    else if (address)
        result = write_address(address, size, &name, name_size);
    if (!result)
        return install(accepted, flags);
    accepted->ops->release(accepted);
    return result;
}

long atman_sys_accept4(int fd, void *address, unsigned *size, int flags) {
    long result;

    if (flags & ~(SOCK_NONBLOCK | SOCK_CLOEXEC))
        return -EINVAL;
    do {
        handlers_hold();
        result = accept_one(fd, address, size, (unsigned)flags);
    } while (handlers_settle(&result));
    return result;
}

long atman_sys_accept(int fd, void *address, unsigned *size) {
    return atman_sys_accept4(fd, address, size, 0);
}

static long tell_name(int fd, bool peer, void *address, unsigned *size) {
    struct sockaddr_storage name;
    unsigned name_size;
    struct socket *s;
    struct file *file;

    handlers_hold();
    long result = get_socket(fd, &file, &s);
    if (!result) {
        result = s->ops->name(s, peer, &name, &name_size);
        file_drop(file);
    }
    handlers_release();
    return result ? result : write_address(address, size, &name, name_size);
}

long atman_sys_getsockname(int fd, void *address, unsigned *size) {
    return tell_name(fd, false, address, size);
}

long atman_sys_getpeername(int fd, void *address, unsigned *size) {
    return tell_name(fd, true, address, size);
}

long atman_sys_shutdown(int fd, int how) {
    struct socket *s;
    struct file *file;

    handlers_hold();
    long result = get_socket(fd, &file, &s);
    if (!result) {
        result = how < 0 || how > SHUT_RDWR ? -EINVAL : s->ops->shutdown(s, how);
        file_drop(file);
    }
    handlers_release();
    return result;
}

/* Data. The message is the caller's, to be used again if the call is made anew. */

typedef long move(struct socket *socket, struct message *message);

static long send_by(struct socket *s, struct message *m) {
    return s->ops->send(s, m);
}

static long receive_by(struct socket *s, struct message *m) {
    return s->ops->receive(s, m);
}

static long move_once(int fd, struct message *m, move *move) {
    struct socket *s;
    struct file *file;
    long result = get_socket(fd, &file, &s);

    if (result)
        return result;
    m->waits = !(file->flags & O_NONBLOCK || m->flags & MSG_DONTWAIT);
    result = move(s, m);
    file_drop(file);
    return result;
}

static long move_message(int fd, struct message *m, move *move) {
    struct message all = *m;
    long result;

    do {
        *m = all;
        handlers_hold();
        result = move_once(fd, m, move);
    } while (handlers_settle(&result));
    return result;
}

long atman_sys_sendto(int fd, const void *data, size_t size, int flags, const void *address,
                      unsigned address_size) {
    struct message m = {.data = transfer_buffer((void *)(unsigned long)data, size),
                        .flags = (unsigned)flags};
    long error = 0;

    if (address) {
        m.address_size = address_size;
        error = read_address(&m.address, address, address_size);
    }
    return error ? error : move_message(fd, &m, send_by);
}

long atman_sys_recvfrom(int fd, void *buffer, size_t size, int flags, void *address,
                        unsigned *address_size) {
    struct message m = {.data = transfer_buffer(buffer, size), .flags = (unsigned)flags};
    long n = move_message(fd, &m, receive_by);

    if (n < 0 || !address)
        return n;
    long error = write_address(address, address_size, &m.address, m.address_size);
    return error ? error : n;
}

/* What is the same of messages both ways. */
static long read_message(const struct user_message *from, struct user_message *u,
                         struct message *m, unsigned flags) {
    if (user_read(u, from, sizeof *u))
        return -EFAULT;
    *m = (struct message){
        .control = u->control, .control_size = u->control_size, .flags = flags};
    if (u->count > TRANSFER_PARTS)
        return -EMSGSIZE;
    if ((int)u->name_size < 0)
        return -EINVAL;
    return transfer_parts(&m->data, u->parts, (int)u->count);
}

static long send_message(int fd, const struct user_message *from, unsigned flags) {
    struct user_message u;
    struct message m;
    long error = read_message(from, &u, &m, flags);

    if (!error && u.name && u.name_size) {
        m.address_size = MIN(u.name_size, (unsigned)sizeof m.address);
        error = read_address(&m.address, u.name, m.address_size);
    }
    if (!u.control)
        m.control_size = 0;
    return error ? error : move_message(fd, &m, send_by);
}

long atman_sys_sendmsg(int fd, const struct user_message *message, int flags) {
    return send_message(fd, message, (unsigned)flags);
}

/* What was received is told in the program's own record. */
static long tell_message(struct user_message *to, const struct user_message *u,
                         const struct message *m) {
    size_t control = u->control ? u->control_size - m->control_size : 0;
    unsigned told = m->told | (m->flags & MSG_CMSG_CLOEXEC);

    if (u->name) {
        unsigned size = MIN(u->name_size, m->address_size);
        if (user_write(u->name, &m->address, size) ||
            user_write(&to->name_size, &m->address_size, sizeof m->address_size))
            return -EFAULT;
    }
    if (user_write(&to->control_size, &control, sizeof control) ||
        user_write(&to->flags, &told, sizeof told))
        return -EFAULT;
    return 0;
}

static long receive_message(int fd, struct user_message *to, unsigned flags) {
    struct user_message u;
    struct message m;
    long n = read_message(to, &u, &m, flags);

    if (n)
        return n;
    if (!u.control)
        m.control_size = 0;
    n = move_message(fd, &m, receive_by);
    long error = n < 0 ? 0 : tell_message(to, &u, &m);
    return error ? error : n;
}

long atman_sys_recvmsg(int fd, struct user_message *message, int flags) {
    return receive_message(fd, message, (unsigned)flags);
}

/* Messages in a row: how many, or what was wrong with the first. */
long atman_sys_sendmmsg(int fd, struct user_message_of_many *messages, unsigned count,
                        int flags) {
    unsigned done = 0;
    long n = 0;

    for (count = MIN(count, (unsigned)TRANSFER_PARTS); done < count; done++) {
        n = send_message(fd, &messages[done].message, (unsigned)flags);
        unsigned size = (unsigned)n;
        if (n >= 0 && user_write(&messages[done].size, &size, sizeof size))
            n = -EFAULT;
        if (n < 0)
            break;
    }
    return done ? (long)done : n < 0 ? n : 0;
}

/* The time limit is looked at behind each message only, as under Linux. */
long atman_sys_recvmmsg(int fd, struct user_message_of_many *messages, unsigned count,
                        int flags, struct timespec *limit) {
    uint64_t ns = 0, began = clock_monotonic();
    unsigned done = 0, first = (unsigned)flags & ~(unsigned)MSG_WAITFORONE;
    long n = limit ? deadline_ns(limit, &ns) : 0;

    for (count = MIN(count, (unsigned)TRANSFER_PARTS); !n && done < count; n = 0) {
        bool waits = !done || !((unsigned)flags & MSG_WAITFORONE);
        n = receive_message(fd, &messages[done].message,
                            first | (waits ? 0 : MSG_DONTWAIT));
        unsigned size = (unsigned)n;
        if (n >= 0 && user_write(&messages[done].size, &size, sizeof size))
            n = -EFAULT;
        if (n < 0)
            break;
        done++;
        if (limit && clock_monotonic() - began >= ns)
            break;
    }
    if (limit && done) {
        uint64_t spent = clock_monotonic() - began, left = spent < ns ? ns - spent : 0;
        if (user_write_pair(limit, left / NS_PER_SEC, left % NS_PER_SEC))
            return -EFAULT;
    }
    return done ? (long)done : n < 0 ? n : 0;
}

/* Options */

long atman_sys_setsockopt(int fd, int level, int name, const void *value, unsigned size) {
    char own[OPTION_MOST] = {0};
    struct socket *s;
    struct file *file;

    handlers_hold();
    long result = get_socket(fd, &file, &s);
    if (!result) {
        if ((int)size < 0)
            result = -EINVAL;
        else
            result = user_read(own, value, MIN(size, (unsigned)OPTION_MOST));
        if (!result)
            result = socket_set_option(s, level, name, own, size);
        file_drop(file);
    }
    handlers_release();
    return result;
}

long atman_sys_getsockopt(int fd, int level, int name, void *value, unsigned *size) {
    char own[OPTION_MOST];
    unsigned is;
    struct socket *s;
    struct file *file;

    handlers_hold();
    long result = get_socket(fd, &file, &s);
    if (!result) {
        if (user_read(&is, size, sizeof is))
            result = -EFAULT;
        else if ((int)is < 0)
            result = -EINVAL;
        is = MIN(is, (unsigned)OPTION_MOST);
        if (!result)
            result = socket_get_option(s, level, name, own, &is);
        file_drop(file);
    }
    handlers_release();
    if (result)
        return result;
    return user_write(value, own, is) || user_write(size, &is, sizeof is) ? -EFAULT : 0;
}
