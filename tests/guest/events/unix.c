/* SPDX-License-Identifier: MIT */
/*
 * AF_UNIX: pairs, names, connections, datagrams and packets; what is sent is received,
 * whole where it is to be; what is open travels; nothing waits that is not to.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

static int fds[2];
static char big[1 << 20];
static char folder[] = "/tmp/unixXXXXXX";

static void pair(int type) {
    CHECK_EQUAL(socketpair(AF_UNIX, type, 0, fds), 0);
}

static void end(void) {
    close(fds[0]);
    close(fds[1]);
}

static int polled(int fd) {
    struct pollfd p = {.fd = fd, .events = POLLIN | POLLOUT | POLLRDHUP};

    return poll(&p, 1, 0) >= 0 ? p.revents : -1;
}

static int option(int fd, int name) {
    int value = -1;
    socklen_t size = sizeof value;

    CHECK_EQUAL(getsockopt(fd, SOL_SOCKET, name, &value, &size), 0);
    CHECK_EQUAL(size, sizeof value);
    return value;
}

static int waiting(int fd) {
    int n = -1;

    CHECK_EQUAL(ioctl(fd, FIONREAD, &n), 0);
    return n;
}

static void test_stream(void) {
    char buffer[100];
    struct stat s;

    pair(SOCK_STREAM | SOCK_CLOEXEC);
    CHECK_EQUAL(fcntl(fds[0], F_GETFD), FD_CLOEXEC);
    CHECK_EQUAL(fstat(fds[0], &s), 0);
    CHECK(S_ISSOCK(s.st_mode));
    CHECK_FAILS(lseek(fds[0], 0, SEEK_SET), ESPIPE);
    CHECK_EQUAL(polled(fds[0]), POLLOUT);
    CHECK_EQUAL(write(fds[0], "hello", 5), 5);
    CHECK_EQUAL(send(fds[0], " world", 6, 0), 6);
    CHECK_EQUAL(send(fds[0], "", 0, 0), 0);
    CHECK_EQUAL(waiting(fds[1]), 11);
    CHECK_EQUAL(polled(fds[1]), POLLIN | POLLOUT);
    CHECK_EQUAL(recv(fds[1], buffer, 8, MSG_PEEK), 8);
    CHECK(!memcmp(buffer, "hello wo", 8));
    CHECK_EQUAL(recv(fds[1], buffer, 3, 0), 3);
    CHECK_EQUAL(read(fds[1], buffer, 100), 8);
    CHECK(!memcmp(buffer, "lo world", 8));
    CHECK_FAILS(recv(fds[1], buffer, 1, MSG_DONTWAIT), EAGAIN);
    CHECK_EQUAL(fcntl(fds[1], F_SETFL, O_NONBLOCK), 0);
    CHECK_FAILS(read(fds[1], buffer, 1), EAGAIN);
    end();
}

static void test_options(void) {
    struct timeval t = {0, 30000}, got;
    socklen_t size = sizeof got;
    struct {
        int pid;
        unsigned uid, gid;
    } who;
    int wanted = 10000;

    pair(SOCK_SEQPACKET);
    CHECK_EQUAL(option(fds[0], SO_TYPE), SOCK_SEQPACKET);
    CHECK_EQUAL(option(fds[0], SO_DOMAIN), AF_UNIX);
    CHECK_EQUAL(option(fds[0], SO_PROTOCOL), 0);
    CHECK_EQUAL(option(fds[0], SO_ERROR), 0);
    CHECK_EQUAL(option(fds[0], SO_ACCEPTCONN), 0);
    CHECK_EQUAL(option(fds[0], SO_SNDBUF), 212992);
    CHECK_EQUAL(setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &wanted, sizeof wanted), 0);
    CHECK_EQUAL(option(fds[0], SO_SNDBUF), 20000);
    CHECK_EQUAL(setsockopt(fds[0], SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t), 0);
    CHECK_EQUAL(getsockopt(fds[0], SOL_SOCKET, SO_RCVTIMEO, &got, &size), 0);
    CHECK(size == sizeof got && got.tv_sec == 0 && got.tv_usec >= 30000);
    struct timespec begin, now;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    CHECK_FAILS(read(fds[0], &got, 1), EAGAIN);
    clock_gettime(CLOCK_MONOTONIC, &now);
    CHECK((now.tv_sec - begin.tv_sec) * 1000000000 + now.tv_nsec - begin.tv_nsec >=
          30000000);
    size = sizeof who;
    CHECK_EQUAL(getsockopt(fds[0], SOL_SOCKET, SO_PEERCRED, &who, &size), 0);
    CHECK_EQUAL(who.pid, getpid());
    CHECK_EQUAL(who.uid, getuid());
    CHECK_FAILS(getsockopt(fds[0], SOL_SOCKET, 9999, &who, &size), ENOPROTOOPT);
    CHECK_FAILS(setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &wanted, 2), EINVAL);
    CHECK_FAILS(setsockopt(fds[0], SOL_SOCKET, SO_TYPE, &wanted, 4), ENOPROTOOPT);
    end();
}

static void test_refused(void) {
    char c;
    int pipes[2];
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    socklen_t size = sizeof un;

    CHECK_FAILS(socket(9999, SOCK_STREAM, 0), EAFNOSUPPORT);
    CHECK_FAILS(socket(AF_UNIX, 9, 0), ESOCKTNOSUPPORT);
    CHECK_FAILS(socket(AF_UNIX, SOCK_STREAM, 7), EPROTONOSUPPORT);
    CHECK_FAILS(socket(AF_UNIX, SOCK_STREAM | 0x100, 0), EINVAL);
    CHECK_EQUAL(pipe(pipes), 0);
    CHECK_FAILS(send(pipes[1], "x", 1, 0), ENOTSOCK);
    CHECK_FAILS(getsockname(pipes[1], (void *)&un, &size), ENOTSOCK);
    CHECK_FAILS(send(777, "x", 1, 0), EBADF);
    int s = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK_EQUAL(polled(s), POLLOUT | POLLHUP);
    CHECK_FAILS(send(s, "x", 1, MSG_NOSIGNAL), ENOTCONN);
    CHECK_FAILS(recv(s, &c, 1, 0), EINVAL);
    CHECK_FAILS(accept(s, NULL, NULL), EINVAL);
    CHECK_FAILS(listen(s, 1), EINVAL);
    CHECK_FAILS(getpeername(s, (void *)&un, &size), ENOTCONN);
    CHECK_FAILS(shutdown(s, 3), EINVAL);
    CHECK_FAILS(bind(s, (void *)&un, 1), EINVAL);
    CHECK_FAILS(bind(s, (void *)&un, sizeof un + 1), EINVAL);
    strcpy(un.sun_path, "/nowhere/at/all");
    CHECK_FAILS(connect(s, (void *)&un, sizeof un), ENOENT);
    CHECK_FAILS(bind(s, (void *)&un, sizeof un), ENOENT);
    strcpy(un.sun_path, folder);
    CHECK_FAILS(connect(s, (void *)&un, sizeof un), ECONNREFUSED);
    CHECK_FAILS(bind(s, (void *)&un, sizeof un), EADDRINUSE);
    size = sizeof un;
    CHECK_EQUAL(getsockname(s, (void *)&un, &size), 0);
    CHECK_EQUAL(size, 2);
    close(s);
    s = socket(AF_UNIX, SOCK_DGRAM, 0);
    CHECK_FAILS(listen(s, 1), EOPNOTSUPP);
    CHECK_FAILS(send(s, "x", 1, 0), ENOTCONN);
    close(s);
    close(pipes[0]);
    close(pipes[1]);
}

static void test_ends(void) {
    char buffer[10];

    signal(SIGPIPE, SIG_IGN);
    pair(SOCK_STREAM);
    CHECK_EQUAL(write(fds[0], "x", 1), 1);
    CHECK_EQUAL(shutdown(fds[0], SHUT_WR), 0);
    CHECK_EQUAL(polled(fds[1]), POLLIN | POLLOUT | POLLRDHUP);
    CHECK_EQUAL(read(fds[1], buffer, 10), 1);
    CHECK_EQUAL(read(fds[1], buffer, 10), 0);
    CHECK_FAILS(send(fds[0], "x", 1, 0), EPIPE);
    CHECK_EQUAL(write(fds[1], "back", 4), 4);
    CHECK_EQUAL(read(fds[0], buffer, 10), 4);
    close(fds[1]);
    CHECK_EQUAL(polled(fds[0]), POLLIN | POLLOUT | POLLHUP | POLLRDHUP);
    CHECK_EQUAL(read(fds[0], buffer, 10), 0);
    close(fds[0]);
    pair(SOCK_STREAM); /* what was not read is lost, and said to be */
    CHECK_EQUAL(write(fds[0], "lost", 4), 4);
    close(fds[1]);
    CHECK_EQUAL(polled(fds[0]), POLLIN | POLLOUT | POLLHUP | POLLRDHUP | POLLERR);
    CHECK_FAILS(read(fds[0], buffer, 10), ECONNRESET);
    CHECK_EQUAL(read(fds[0], buffer, 10), 0);
    CHECK_FAILS(write(fds[0], "x", 1), EPIPE);
    close(fds[0]);
    signal(SIGPIPE, SIG_DFL);
    pair(SOCK_STREAM);
    close(fds[1]);
    CHECK_FAILS(send(fds[0], "x", 1, MSG_NOSIGNAL), EPIPE);
    close(fds[0]);
}

static void test_packets(int type) {
    char buffer[100];
    struct iovec part = {buffer, 3};
    struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};

    pair(type);
    CHECK_EQUAL(send(fds[0], "first", 5, 0), 5);
    CHECK_EQUAL(send(fds[0], "", 0, 0), 0);
    CHECK_EQUAL(send(fds[0], "second", 6, 0), 6);
    CHECK_EQUAL(waiting(fds[1]), type == SOCK_DGRAM ? 5 : 11);
    CHECK_EQUAL(recv(fds[1], buffer, 2, MSG_PEEK | MSG_TRUNC), 5);
    CHECK_EQUAL(recv(fds[1], buffer, 100, 0), 5);
    CHECK_EQUAL(recv(fds[1], buffer, 100, 0), 0);
    CHECK_EQUAL(recvmsg(fds[1], &m, 0), 3);
    CHECK_EQUAL(m.msg_flags & MSG_TRUNC, MSG_TRUNC);
    CHECK(!memcmp(buffer, "sec", 3));
    CHECK_FAILS(recv(fds[1], buffer, 100, MSG_DONTWAIT), EAGAIN);
    CHECK_FAILS(send(fds[0], big, sizeof big, 0), EMSGSIZE);
    CHECK_EQUAL(send(fds[0], big, 100000, 0), 100000);
    CHECK_EQUAL(recv(fds[1], big, sizeof big, 0), 100000);
    CHECK_EQUAL(send(fds[0], "x", 1, 0), 1);
    CHECK_EQUAL(shutdown(fds[0], SHUT_RDWR), 0);
    if (type == SOCK_SEQPACKET) {
        CHECK_EQUAL(recv(fds[1], buffer, 100, 0), 1);
        CHECK_EQUAL(recv(fds[1], buffer, 100, 0), 0);
    }
    CHECK_FAILS(send(fds[0], "x", 1, MSG_NOSIGNAL), EPIPE);
    end();
}

/* Names */

static struct sockaddr_un path_of(const char *name) {
    struct sockaddr_un un = {.sun_family = AF_UNIX};

    snprintf(un.sun_path, sizeof un.sun_path, "%s/%s", folder, name);
    return un;
}

static void check_connections(const struct sockaddr_un *un, socklen_t size, int type) {
    struct sockaddr_un got;
    socklen_t got_size = sizeof got;
    char c;
    int server = socket(AF_UNIX, type | SOCK_NONBLOCK, 0);
    int client = socket(AF_UNIX, type, 0), other = socket(AF_UNIX, type, 0);

    CHECK_EQUAL(bind(server, (const void *)un, size), 0);
    CHECK_FAILS(bind(server, (const void *)un, size),
                un->sun_path[0] ? EADDRINUSE : EINVAL);
    CHECK_FAILS(bind(other, (const void *)un, size), EADDRINUSE);
    CHECK_FAILS(connect(client, (const void *)un, size), ECONNREFUSED);
    CHECK_EQUAL(listen(server, 1), 0);
    CHECK_EQUAL(option(server, SO_ACCEPTCONN), 1);
    CHECK_EQUAL(polled(server), 0);
    CHECK_FAILS(accept(server, NULL, NULL), EAGAIN);
    CHECK_EQUAL(connect(client, (const void *)un, size), 0);
    CHECK_FAILS(connect(client, (const void *)un, size), EISCONN);
    CHECK_EQUAL(polled(server), POLLIN);
    CHECK_EQUAL(write(client, "ab", 2), 2); /* before it is accepted */
    got_size = sizeof got;
    int s = accept4(server, (void *)&got, &got_size, SOCK_CLOEXEC | SOCK_NONBLOCK);
    CHECK(s >= 0);
    CHECK_EQUAL(got_size, 2);
    CHECK_EQUAL(fcntl(s, F_GETFL), O_RDWR | O_NONBLOCK);
    CHECK_EQUAL(fcntl(s, F_GETFD), FD_CLOEXEC);
    CHECK_EQUAL(read(s, &c, 1), 1);
    got_size = sizeof got;
    CHECK_EQUAL(getpeername(client, (void *)&got, &got_size), 0);
    CHECK_EQUAL(got_size, un->sun_path[0] ? 2 + strlen(un->sun_path) + 1 : size);
    CHECK(!memcmp(&got, un, got_size));
    got_size = sizeof got;
    CHECK_EQUAL(getsockname(s, (void *)&got, &got_size), 0);
    CHECK(!memcmp(&got, un, got_size));
    /* The queue of who waits is full with two. */
    int more[3];
    for (int i = 0; i < 3; i++)
        more[i] = socket(AF_UNIX, type | SOCK_NONBLOCK, 0);
    CHECK_EQUAL(connect(more[0], (const void *)un, size), 0);
    CHECK_EQUAL(connect(more[1], (const void *)un, size), 0);
    CHECK_FAILS(connect(more[2], (const void *)un, size), EAGAIN);
    close(server);
    CHECK_EQUAL(polled(more[0]) & (POLLIN | POLLHUP | POLLERR), POLLIN | POLLHUP | POLLERR);
    CHECK_FAILS(read(more[0], &c, 1), ECONNRESET);
    CHECK_FAILS(connect(more[2], (const void *)un, size), ECONNREFUSED);
    CHECK_EQUAL(write(client, "c", 1), 1);
    close(client);
    close(other);
    close(s);
    for (int i = 0; i < 3; i++)
        close(more[i]);
}

static void test_names(int type) {
    struct sockaddr_un un = path_of("socket"), none = {.sun_family = AF_UNIX};
    struct stat s;

    check_connections(&un, sizeof un, type);
    CHECK_EQUAL(stat(un.sun_path, &s), 0);
    CHECK(S_ISSOCK(s.st_mode));
    CHECK_FAILS(open(un.sun_path, O_RDWR), ENXIO);
    CHECK_EQUAL(unlink(un.sun_path), 0);
    /* other runs of this may be at it */
    snprintf(none.sun_path + 1, 6, "%05d", (int)getpid() % 100000);
    check_connections(&none, 8, type);
    int any = socket(AF_UNIX, type, 0);
    socklen_t size = sizeof un;
    CHECK_EQUAL(bind(any, (void *)&none, 2), 0);
    CHECK_EQUAL(getsockname(any, (void *)&un, &size), 0);
    CHECK_EQUAL(size, 2 + 6);
    CHECK_EQUAL(un.sun_path[0], 0);
    close(any);
}

static void test_datagrams(void) {
    struct sockaddr_un a = path_of("a"), b = path_of("b"), from;
    socklen_t size = sizeof from;
    char buffer[20];
    int one = socket(AF_UNIX, SOCK_DGRAM, 0), two = socket(AF_UNIX, SOCK_DGRAM, 0);
    int three = socket(AF_UNIX, SOCK_DGRAM, 0), stream = socket(AF_UNIX, SOCK_STREAM, 0);

    CHECK_EQUAL(bind(one, (void *)&a, sizeof a), 0);
    CHECK_EQUAL(bind(two, (void *)&b, sizeof b), 0);
    CHECK_EQUAL(sendto(one, "to b", 4, 0, (void *)&b, sizeof b), 4);
    CHECK_EQUAL(recvfrom(two, buffer, 20, 0, (void *)&from, &size), 4);
    CHECK_EQUAL(size, 2 + strlen(a.sun_path) + 1);
    CHECK(!strcmp(from.sun_path, a.sun_path));
    CHECK_EQUAL(sendto(three, "anon", 4, 0, (void *)&b, sizeof b), 4);
    size = sizeof from;
    CHECK_EQUAL(recvfrom(two, buffer, 20, 0, (void *)&from, &size), 4);
    CHECK_EQUAL(size, 0);
    CHECK_EQUAL(connect(two, (void *)&a, sizeof a), 0);
    CHECK_FAILS(sendto(three, "x", 1, 0, (void *)&b, sizeof b), EPERM);
    CHECK_FAILS(connect(three, (void *)&b, sizeof b), EPERM);
    CHECK_FAILS(connect(stream, (void *)&b, sizeof b), EPROTOTYPE);
    CHECK_EQUAL(send(two, "hi", 2, 0), 2);
    CHECK_EQUAL(recv(one, buffer, 20, 0), 2);
    /* A queue that nobody reads is full with eleven. */
    CHECK_EQUAL(connect(three, (void *)&a, sizeof a), 0);
    int sent = 0;
    while (sent < 100 && send(three, "x", 1, MSG_DONTWAIT) == 1)
        sent++;
    CHECK_EQUAL(sent, 11);
    CHECK_EQUAL(polled(three), 0);
    CHECK_EQUAL(recv(one, buffer, 20, 0), 1);
    CHECK_EQUAL(polled(three), POLLOUT);
    close(one);
    CHECK_FAILS(send(three, "x", 1, 0), ECONNREFUSED);
    CHECK_FAILS(send(three, "x", 1, 0), ENOTCONN);
    close(two);
    close(three);
    close(stream);
    CHECK_EQUAL(unlink(a.sun_path), 0);
    CHECK_EQUAL(unlink(b.sun_path), 0);
}

/* Descriptors and credentials */

static long send_fds(int to, const int *what, int count, const char *text) {
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int) * 10)] = {0};
    struct iovec part = {(void *)text, strlen(text)};
    struct msghdr m = {.msg_iov = &part,
                       .msg_iovlen = 1,
                       .msg_control = control,
                       .msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)count)};
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);

    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int) * (size_t)count);
    memcpy(CMSG_DATA(c), what, sizeof(int) * (size_t)count);
    return sendmsg(to, &m, 0);
}

/* How many descriptors came; -1: none, though there is a text. */
static int receive_fds(int from, int *what, int room, char *text, size_t size, int flags,
                       int *told) {
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int) * 10)] = {0};
    struct iovec part = {text, size};
    struct msghdr m = {.msg_iov = &part,
                       .msg_iovlen = 1,
                       .msg_control = room ? control : NULL,
                       .msg_controllen = room ? CMSG_LEN(sizeof(int) * (size_t)room) : 0};

    memset(text, 0, size);
    CHECK(recvmsg(from, &m, flags) > 0);
    *told = m.msg_flags;
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    if (!c)
        return -1;
    CHECK_EQUAL(c->cmsg_level, SOL_SOCKET);
    CHECK_EQUAL(c->cmsg_type, SCM_RIGHTS);
    int count = (int)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    memcpy(what, CMSG_DATA(c), sizeof(int) * (size_t)count);
    return count;
}

static void test_rights(int type) {
    int pipes[2], got[10], told;
    char text[30];

    pair(type);
    CHECK_EQUAL(pipe(pipes), 0);
    CHECK_EQUAL(send(fds[0], "-", 1, 0), 1);
    CHECK_EQUAL(send_fds(fds[0], pipes, 2, "two"), 3);
    CHECK_EQUAL(send(fds[0], "+", 1, 0), 1);
    close(pipes[0]);
    close(pipes[1]);
    if (type == SOCK_STREAM) {
        CHECK_EQUAL(receive_fds(fds[1], got, 4, text, 30, MSG_CMSG_CLOEXEC, &told), 2);
        CHECK(!strcmp(text, "-two")); /* and no further */
    } else {
        CHECK_EQUAL(recv(fds[1], text, 30, 0), 1);
        CHECK_EQUAL(receive_fds(fds[1], got, 4, text, 30, MSG_CMSG_CLOEXEC, &told), 2);
        CHECK(!strcmp(text, "two"));
    }
    CHECK_EQUAL(told & MSG_CTRUNC, 0);
    CHECK_EQUAL(fcntl(got[0], F_GETFD), FD_CLOEXEC);
    CHECK_EQUAL(write(got[1], "through", 7), 7);
    CHECK_EQUAL(read(got[0], text, 30), 7);
    CHECK_EQUAL(recv(fds[1], text, 30, 0), 1);
    CHECK_EQUAL(text[0], '+');
    /* Too little room: the rest is closed. */
    CHECK_EQUAL(send_fds(fds[0], got, 2, "a"), 1);
    close(got[1]);
    int first = got[0], one[10];
    CHECK_EQUAL(receive_fds(fds[1], one, 1, text, 30, 0, &told), 1);
    CHECK_EQUAL(told & MSG_CTRUNC, MSG_CTRUNC);
    CHECK_EQUAL(read(one[0], text, 1), 0); /* nobody writes to it any more */
    close(one[0]);
    close(first);
    /* No room at all, or a plain read. */
    CHECK_EQUAL(pipe(pipes), 0);
    CHECK_EQUAL(send_fds(fds[0], &pipes[1], 1, "a"), 1);
    CHECK_EQUAL(receive_fds(fds[1], one, 0, text, 30, 0, &told), -1);
    CHECK_EQUAL(told & MSG_CTRUNC, MSG_CTRUNC);
    CHECK_EQUAL(send_fds(fds[0], &pipes[1], 1, "a"), 1);
    CHECK_EQUAL(read(fds[1], text, 30), 1);
    /* Peeking gives descriptors, too. */
    CHECK_EQUAL(send_fds(fds[0], &pipes[1], 1, "a"), 1);
    CHECK_EQUAL(receive_fds(fds[1], one, 1, text, 30, MSG_PEEK, &told), 1);
    close(one[0]);
    CHECK_EQUAL(receive_fds(fds[1], one, 1, text, 30, 0, &told), 1);
    close(one[0]);
    /* Not taken: they go with the socket. */
    CHECK_EQUAL(send_fds(fds[0], &pipes[1], 1, "a"), 1);
    end();
    close(pipes[1]);
    CHECK_EQUAL(read(pipes[0], text, 1), 0);
    close(pipes[0]);
    pair(type);
    int bad = 777;
    CHECK_FAILS(send_fds(fds[0], &bad, 1, "a"), EBADF);
    CHECK_FAILS(recv(fds[1], text, 1, MSG_DONTWAIT), EAGAIN);
    end();
}

/* Sockets that are only in their own queues: what is in those is closed nevertheless. */
static void test_circles(void) {
    int pipes[2], two[2];
    char c;

    CHECK_EQUAL(pipe(pipes), 0);
    pair(SOCK_STREAM);
    CHECK_EQUAL(socketpair(AF_UNIX, SOCK_DGRAM, 0, two), 0);
    CHECK_EQUAL(send_fds(fds[0], &pipes[1], 1, "a"), 1);
    CHECK_EQUAL(send_fds(fds[0], two, 2, "a"), 1);
    CHECK_EQUAL(send_fds(two[0], fds, 2, "a"), 1);
    close(pipes[1]);
    close(two[0]);
    close(two[1]);
    fcntl(pipes[0], F_SETFL, O_NONBLOCK);
    CHECK_FAILS(read(pipes[0], &c, 1), EAGAIN);
    end();
    /* Linux does it at some later time, after another socket is closed. */
    struct pollfd p = {.fd = pipes[0], .events = POLLIN};
    int found = 0;
    for (int i = 0; i < 500 && !found; i++) {
        close(socket(AF_UNIX, SOCK_STREAM, 0));
        found = poll(&p, 1, 10);
    }
    CHECK_EQUAL(found, 1);
    CHECK_EQUAL(read(pipes[0], &c, 1), 0);
    close(pipes[0]);
}

static void test_credentials(void) {
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(12)];
    char text[10];
    int on = 1, who[3];
    struct iovec part = {text, 10};
    struct msghdr m = {.msg_iov = &part,
                       .msg_iovlen = 1,
                       .msg_control = control,
                       .msg_controllen = sizeof control};

    pair(SOCK_STREAM);
    CHECK_EQUAL(setsockopt(fds[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof on), 0);
    CHECK_EQUAL(option(fds[1], SO_PASSCRED), 1);
    CHECK_EQUAL(send(fds[0], "abc", 3, 0), 3);
    CHECK_EQUAL(recvmsg(fds[1], &m, 0), 3);
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    if (CHECK(c)) {
        CHECK_EQUAL(c->cmsg_type, SCM_CREDENTIALS);
        memcpy(who, CMSG_DATA(c), sizeof who);
        CHECK_EQUAL(who[0], getpid());
        CHECK_EQUAL(who[1], getuid());
        CHECK_EQUAL(who[2], getgid());
    }
    end();
}

/* Back-pressure: a sender waits until there is room; all of it comes. */

static void *send_all(void *unused) {
    (void)unused;
    for (size_t i = 0; i < sizeof big; i++)
        big[i] = (char)(i * 7 + i / 253);
    CHECK_EQUAL(write(fds[0], big, sizeof big), sizeof big);
    CHECK_EQUAL(shutdown(fds[0], SHUT_WR), 0);
    return NULL;
}

static void test_pressure(void) {
    static char got[7000];
    pthread_t thread;
    size_t total = 0, wrong = 0;
    long n;

    pair(SOCK_STREAM | SOCK_NONBLOCK);
    size_t fits = 0;
    while ((n = write(fds[0], big, 1000)) > 0)
        fits += (size_t)n;
    CHECK(fits >= 20000 && fits <= 400000);
    CHECK_EQUAL(polled(fds[0]), 0);
    CHECK_EQUAL(waiting(fds[1]), fits);
    while (read(fds[1], got, sizeof got) > 0)
        ;
    CHECK_EQUAL(polled(fds[0]), POLLOUT);
    end();
    pair(SOCK_STREAM);
    pthread_create(&thread, NULL, send_all, NULL);
    while ((n = read(fds[1], got, 1 + total % sizeof got)) > 0)
        for (long i = 0; i < n; i++, total++)
            wrong += got[i] != (char)(total * 7 + total / 253);
    CHECK_EQUAL(total, sizeof big);
    CHECK_EQUAL(wrong, 0);
    pthread_join(thread, NULL);
    end();
}

static void *send_slowly(void *unused) {
    struct timespec t = {0, 2000000};

    (void)unused;
    for (int i = 0; i < 10; i++) {
        nanosleep(&t, NULL);
        CHECK_EQUAL(send(fds[0], "0123456789", 10, 0), 10);
    }
    return NULL;
}

static void test_wait_all(void) {
    char got[100];
    pthread_t thread;

    pair(SOCK_STREAM);
    pthread_create(&thread, NULL, send_slowly, NULL);
    CHECK_EQUAL(recv(fds[1], got, 95, MSG_WAITALL), 95);
    CHECK_EQUAL(recv(fds[1], got, 5, MSG_WAITALL), 5);
    pthread_join(thread, NULL);
    CHECK_EQUAL(send(fds[0], "end", 3, 0), 3);
    close(fds[0]);
    CHECK_EQUAL(recv(fds[1], got, 95, MSG_WAITALL), 3);
    close(fds[1]);
}

/* Clients connect, ask and are answered, all by one waiting server. */

enum { CLIENTS = 4, ROUNDS = 60 };

static void *ask(void *argument) {
    struct sockaddr_un un = path_of("server");

    for (int i = 0; i < ROUNDS; i++) {
        int s = socket(AF_UNIX, SOCK_STREAM, 0);
        char question[20], got[20] = "";
        int n = snprintf(question, sizeof question, "%d.%d", (int)(intptr_t)argument, i);
        CHECK_EQUAL(connect(s, (void *)&un, sizeof un), 0);
        CHECK_EQUAL(send(s, question, (size_t)n, 0), n);
        CHECK_EQUAL(recv(s, got, sizeof got, MSG_WAITALL), n);
        CHECK(!strcmp(got, question));
        close(s);
    }
    return NULL;
}

static void test_server(void) {
    pthread_t clients[CLIENTS];
    struct sockaddr_un un = path_of("server");
    struct epoll_event e = {.events = EPOLLIN};
    int server = socket(AF_UNIX, SOCK_STREAM, 0), ep = epoll_create1(0), answered = 0;

    e.data.fd = server;
    CHECK_EQUAL(bind(server, (void *)&un, sizeof un), 0);
    CHECK_EQUAL(listen(server, 2), 0);
    CHECK_EQUAL(epoll_ctl(ep, EPOLL_CTL_ADD, server, &e), 0);
    for (intptr_t i = 0; i < CLIENTS; i++)
        pthread_create(&clients[i], NULL, ask, (void *)i);
    while (answered < CLIENTS * ROUNDS) {
        CHECK_EQUAL(epoll_wait(ep, &e, 1, -1), 1);
        int fd = e.data.fd;
        if (fd == server) {
            e = (struct epoll_event){.events = EPOLLIN,
                                     .data.fd = accept(server, NULL, NULL)};
            CHECK_EQUAL(epoll_ctl(ep, EPOLL_CTL_ADD, e.data.fd, &e), 0);
            continue;
        }
        char buffer[20];
        long n = read(fd, buffer, sizeof buffer);
        if (n > 0)
            CHECK_EQUAL(write(fd, buffer, (size_t)n), n);
        shutdown(fd, SHUT_WR);
        close(fd);
        answered++;
    }
    for (int i = 0; i < CLIENTS; i++)
        pthread_join(clients[i], NULL);
    close(server);
    close(ep);
    CHECK_EQUAL(unlink(un.sun_path), 0);
}

/* Senders of datagrams wait for a full queue's reader. */

static void *send_many(void *unused) {
    struct sockaddr_un un = path_of("reader");
    int s = socket(AF_UNIX, SOCK_DGRAM, 0);

    (void)unused;
    for (int i = 0; i < 300; i++)
        CHECK_EQUAL(sendto(s, "datagram", 8, 0, (void *)&un, sizeof un), 8);
    close(s);
    return NULL;
}

static void test_full_queue(void) {
    pthread_t threads[3];
    struct sockaddr_un un = path_of("reader");
    char buffer[20];
    int s = socket(AF_UNIX, SOCK_DGRAM, 0);

    CHECK_EQUAL(bind(s, (void *)&un, sizeof un), 0);
    for (int i = 0; i < 3; i++)
        pthread_create(&threads[i], NULL, send_many, NULL);
    for (int i = 0; i < 900; i++)
        CHECK_EQUAL(recv(s, buffer, sizeof buffer, 0), 8);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    close(s);
    CHECK_EQUAL(unlink(un.sun_path), 0);
}

static void test_several(void) {
    char out[3][4] = {"one", "two", "six"}, in[4][8];
    struct iovec outs[3], ins[4];
    struct mmsghdr sent[3] = {0}, got[4] = {0};
    struct timespec limit = {5, 0};

    pair(SOCK_DGRAM);
    for (int i = 0; i < 3; i++) {
        outs[i] = (struct iovec){out[i], 3};
        sent[i].msg_hdr = (struct msghdr){.msg_iov = &outs[i], .msg_iovlen = 1};
    }
    for (int i = 0; i < 4; i++) {
        ins[i] = (struct iovec){in[i], 8};
        got[i].msg_hdr = (struct msghdr){.msg_iov = &ins[i], .msg_iovlen = 1};
    }
    CHECK_EQUAL(sendmmsg(fds[0], sent, 3, 0), 3);
    CHECK_EQUAL(sent[2].msg_len, 3);
    CHECK_EQUAL(recvmmsg(fds[1], got, 4, MSG_WAITFORONE, &limit), 3);
    CHECK(got[1].msg_len == 3 && !memcmp(in[1], "two", 3));
    CHECK_FAILS(recvmmsg(fds[1], got, 4, MSG_DONTWAIT, NULL), EAGAIN);
    end();
}

static volatile sig_atomic_t handled;

static void on_signal(int signal) {
    (void)signal;
    handled++;
}

static void *send_late(void *unused) {
    struct timespec t = {0, 50000000};

    (void)unused;
    nanosleep(&t, NULL);
    CHECK_EQUAL(send(fds[0], "x", 1, 0), 1);
    return NULL;
}

static void test_signals(void) {
    struct sigaction action = {.sa_handler = on_signal};
    struct itimerval soon = {{0, 5000}, {0, 5000}}, off = {{0, 0}, {0, 0}};
    struct timeval long_time = {100, 0};
    sigset_t set;
    pthread_t thread;
    char c;

    pair(SOCK_STREAM);
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &soon, NULL);
    CHECK_FAILS(recv(fds[1], &c, 1, 0), EINTR);
    action.sa_flags = SA_RESTART;
    sigaction(SIGALRM, &action, NULL);
    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    pthread_create(&thread, NULL, send_late, NULL);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    int before = handled;
    CHECK_EQUAL(recv(fds[1], &c, 1, 0), 1); /* it is made again */
    CHECK(handled > before);
    pthread_join(thread, NULL);
    CHECK_EQUAL(setsockopt(fds[1], SOL_SOCKET, SO_RCVTIMEO, &long_time, sizeof long_time),
                0);
    CHECK_FAILS(recv(fds[1], &c, 1, 0), EINTR); /* but not with a time limit */
    setitimer(ITIMER_REAL, &off, NULL);
    end();
}

int main(void) {
    CHECK(mkdtemp(folder));
    test_stream();
    test_options();
    test_refused();
    test_ends();
    test_packets(SOCK_DGRAM);
    test_packets(SOCK_SEQPACKET);
    test_names(SOCK_STREAM);
    test_names(SOCK_SEQPACKET);
    test_datagrams();
    test_rights(SOCK_STREAM);
    test_rights(SOCK_DGRAM);
    test_rights(SOCK_SEQPACKET);
    test_circles();
    test_credentials();
    test_pressure();
    test_wait_all();
    test_server();
    test_full_queue();
    test_several();
    test_signals();
    CHECK_EQUAL(rmdir(folder), 0);
    return checks_end();
}
