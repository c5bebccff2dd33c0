/* SPDX-License-Identifier: MIT */
/* TCP over the loopback: connections, their names, ends and errors. */
// vcpus: 1 2
// stdout-from: checks
// native: -pthread
// timeout: 120
#define _GNU_SOURCE
#include "net.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/uio.h>

static volatile int pipes;

static void count_pipe(int signal) {
    (void)signal;
    pipes++;
}

static void test_names(void) {
    struct sockaddr_in name, other;
    socklen_t size = sizeof name;
    int ends[2], fd = socket(AF_INET, SOCK_STREAM, 0);

    CHECK(!getsockname(fd, (struct sockaddr *)&name, &size));
    CHECK(size == sizeof name && name.sin_family == AF_INET && !name.sin_port &&
          !name.sin_addr.s_addr);
    CHECK_FAILS(getpeername(fd, (struct sockaddr *)&name, &size), ENOTCONN);
    close(fd);
    connect_pair(ends);
    CHECK(!getsockname(ends[0], (struct sockaddr *)&name, &size));
    size = sizeof other;
    CHECK(!getpeername(ends[1], (struct sockaddr *)&other, &size));
    CHECK(!memcmp(&name, &other, sizeof name));
    CHECK(name.sin_addr.s_addr == htonl(INADDR_LOOPBACK) && name.sin_port);
    CHECK_EQUAL(get_number(ends[0], SOL_SOCKET, SO_TYPE), SOCK_STREAM);
    CHECK_EQUAL(get_number(ends[0], SOL_SOCKET, SO_DOMAIN), AF_INET);
    CHECK_EQUAL(get_number(ends[0], SOL_SOCKET, SO_PROTOCOL), IPPROTO_TCP);
    CHECK_EQUAL(get_number(ends[0], SOL_SOCKET, SO_ACCEPTCONN), 0);
    close(ends[0]);
    close(ends[1]);
}

static void test_data(void) {
    char buffer[64];
    int ends[2], number;

    connect_pair(ends);
    CHECK_EQUAL(write(ends[0], "hello", 5), 5);
    CHECK(poll_one(ends[1], POLLIN | POLLOUT, 10000) & POLLIN);
    CHECK(!ioctl(ends[1], FIONREAD, &number) && number == 5);
    CHECK_EQUAL(recv(ends[1], buffer, 3, MSG_PEEK), 3);
    CHECK_EQUAL(recv(ends[1], buffer, sizeof buffer, 0), 5);
    CHECK(!memcmp(buffer, "hello", 5));
    CHECK_FAILS(recv(ends[1], buffer, 1, MSG_DONTWAIT), EAGAIN);
    CHECK_EQUAL(write(ends[0], "0123456789", 10), 10);
    CHECK_EQUAL(recv(ends[1], buffer, 4, MSG_TRUNC), 4);
    CHECK_EQUAL(recv(ends[1], buffer, 6, MSG_WAITALL), 6);
    CHECK(!memcmp(buffer, "456789", 6));
    struct iovec parts[2] = {{"ab", 2}, {"cde", 3}};
    CHECK_EQUAL(writev(ends[1], parts, 2), 5);
    CHECK_EQUAL(recv(ends[0], buffer, 5, MSG_WAITALL), 5);
    CHECK(!memcmp(buffer, "abcde", 5));
    CHECK_EQUAL(send(ends[0], "", 0, 0), 0);
    CHECK_FAILS(recv(ends[1], buffer, 1, MSG_DONTWAIT), EAGAIN);
    close(ends[0]);
    CHECK_EQUAL(recv(ends[1], buffer, 1, 0), 0);
    CHECK_EQUAL(recv(ends[1], buffer, 1, 0), 0);
    close(ends[1]);
}

static void test_half_close(void) {
    char buffer[16];
    int ends[2];

    connect_pair(ends);
    CHECK_EQUAL(write(ends[0], "last", 4), 4);
    CHECK(!shutdown(ends[0], SHUT_WR));
    CHECK_FAILS(send(ends[0], "x", 1, MSG_NOSIGNAL), EPIPE);
    CHECK_EQUAL(pipes, 0);
    CHECK_FAILS(write(ends[0], "x", 1), EPIPE);
    CHECK_EQUAL(pipes, 1);
    CHECK_EQUAL(read_all(ends[1], buffer, sizeof buffer), 4);
    CHECK(poll_one(ends[1], POLLIN | POLLRDHUP | POLLOUT, 10000) ==
          (POLLIN | POLLRDHUP | POLLOUT));
    CHECK_EQUAL(write(ends[1], "answer", 6), 6);
    CHECK(!shutdown(ends[1], SHUT_WR));
    CHECK_EQUAL(read_all(ends[0], buffer, sizeof buffer), 6);
    CHECK_EQUAL(poll_one(ends[0], POLLIN | POLLRDHUP | POLLOUT, 10000),
                POLLIN | POLLRDHUP | POLLOUT | POLLHUP);
    close(ends[0]);
    close(ends[1]);
    connect_pair(ends);
    CHECK(!shutdown(ends[0], SHUT_RD));
    CHECK_EQUAL(read(ends[0], buffer, 1), 0);
    CHECK_EQUAL(poll_one(ends[0], POLLIN | POLLRDHUP | POLLOUT, 10000),
                POLLIN | POLLRDHUP | POLLOUT);
    close(ends[0]);
    close(ends[1]);
}

static void test_reset(void) {
    struct linger hard = {1, 0};
    char buffer[4];
    int ends[2];

    connect_pair(ends);
    CHECK(!setsockopt(ends[0], SOL_SOCKET, SO_LINGER, &hard, sizeof hard));
    close(ends[0]);
    CHECK_EQUAL(poll_one(ends[1], POLLIN | POLLRDHUP | POLLOUT, 10000),
                POLLIN | POLLRDHUP | POLLOUT | POLLERR | POLLHUP);
    CHECK_FAILS(read(ends[1], buffer, 1), ECONNRESET);
    CHECK_EQUAL(read(ends[1], buffer, 1), 0);
    CHECK_FAILS(send(ends[1], "x", 1, MSG_NOSIGNAL), EPIPE);
    CHECK_EQUAL(get_number(ends[1], SOL_SOCKET, SO_ERROR), 0);
    close(ends[1]);
    /* What was not read is told by a reset, too. */
    connect_pair(ends);
    CHECK_EQUAL(write(ends[1], "data", 4), 4);
    CHECK(poll_one(ends[0], POLLIN, 10000) == POLLIN);
    close(ends[0]);
    CHECK(poll_one(ends[1], POLLIN, 10000) & POLLERR);
    CHECK_EQUAL(get_number(ends[1], SOL_SOCKET, SO_ERROR), ECONNRESET);
    CHECK_EQUAL(read(ends[1], buffer, 1), 0);
    close(ends[1]);
    /* Data for one that is closed. */
    connect_pair(ends);
    close(ends[0]);
    CHECK(poll_one(ends[1], POLLIN, 10000) == POLLIN);
    CHECK_EQUAL(write(ends[1], "data", 4), 4);
    CHECK(poll_one(ends[1], 0, 10000) & POLLERR);
    CHECK_FAILS(write(ends[1], "data", 4), EPIPE);
    close(ends[1]);
}

static void test_refused(void) {
    int listener = listen4(1), fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = loop4(port_of(listener));
    char buffer[1];

    close(listener);
    CHECK_EQUAL(poll_one(fd, POLLIN | POLLOUT, 0), POLLOUT | POLLHUP);
    CHECK_FAILS(read(fd, buffer, 1), ENOTCONN);
    CHECK_FAILS(send(fd, buffer, 1, MSG_NOSIGNAL), EPIPE);
    CHECK_FAILS(shutdown(fd, SHUT_WR), ENOTCONN);
    CHECK_FAILS(connect(fd, AS(to)), ECONNREFUSED);
    CHECK_FAILS(connect(fd, AS(to)), ECONNREFUSED);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    CHECK_FAILS(connect(fd, AS(to)), EINPROGRESS);
    CHECK(poll_one(fd, POLLOUT, 10000) & POLLERR);
    CHECK_EQUAL(get_number(fd, SOL_SOCKET, SO_ERROR), ECONNREFUSED);
    CHECK_EQUAL(get_number(fd, SOL_SOCKET, SO_ERROR), 0);
    close(fd);
}

static void test_no_wait(void) {
    int listener = listen4(4), fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in to = loop4(port_of(listener));

    fcntl(listener, F_SETFL, O_NONBLOCK);
    CHECK_FAILS(accept(listener, NULL, NULL), EAGAIN);
    CHECK_EQUAL(poll_one(listener, POLLIN | POLLOUT, 0), 0);
    CHECK_FAILS(connect(fd, AS(to)), EINPROGRESS);
    CHECK_EQUAL(poll_one(fd, POLLOUT, 10000), POLLOUT);
    CHECK_EQUAL(get_number(fd, SOL_SOCKET, SO_ERROR), 0);
    CHECK(!connect(fd, AS(to)));
    CHECK_FAILS(connect(fd, AS(to)), EISCONN);
    CHECK_EQUAL(poll_one(listener, POLLIN | POLLOUT, 10000), POLLIN);
    int other = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    CHECK(other >= 0);
    CHECK_EQUAL(fcntl(other, F_GETFD), FD_CLOEXEC);
    CHECK(fcntl(other, F_GETFL) & O_NONBLOCK);
    CHECK_FAILS(connect(listener, AS(to)), EISCONN);
    CHECK_FAILS(listen(other, 1), EINVAL);
    CHECK_FAILS(accept(other, NULL, NULL), EINVAL);
    CHECK_FAILS(recv(listener, &to, 1, 0), ENOTCONN);
    close(fd);
    close(other);
    close(listener);
}

static void test_bind(void) {
    int listener = listen4(1), fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in own = loop4(port_of(listener)), foreign = own;
    struct sockaddr_in6 other = loop6(0);

    CHECK_FAILS(bind(fd, AS(own)), EADDRINUSE);
    CHECK(!set_number(fd, SOL_SOCKET, SO_REUSEADDR, 1));
    CHECK_EQUAL(get_number(fd, SOL_SOCKET, SO_REUSEADDR), 1);
    CHECK_FAILS(bind(fd, AS(own)), EADDRINUSE);
    foreign.sin_addr.s_addr = htonl(0xc0000201); /* 192.0.2.1 */
    CHECK_FAILS(bind(fd, AS(foreign)), EADDRNOTAVAIL);
    CHECK_FAILS(bind(fd, (struct sockaddr *)&own, 8), EINVAL);
    CHECK_FAILS(bind(fd, AS(other)), EAFNOSUPPORT);
    own.sin_port = 0;
    CHECK(!bind(fd, AS(own)));
    CHECK(port_of(fd) >= 32768);
    CHECK_FAILS(bind(fd, AS(own)), EINVAL);
    close(fd);
    close(listener);
    CHECK_FAILS(socket(AF_INET, SOCK_STREAM, IPPROTO_UDP), EPROTONOSUPPORT);
    CHECK_FAILS(socket(AF_INET, SOCK_SEQPACKET, 0), ESOCKTNOSUPPORT);
    CHECK_FAILS(socket(AF_INET, 77, 0), EINVAL);
    CHECK_FAILS(socket(12345, SOCK_STREAM, 0), EAFNOSUPPORT);
    CHECK_FAILS(socketpair(AF_INET, SOCK_STREAM, 0, (int[2]){0}), EOPNOTSUPP);
}

/* A port on which there was a connection can be bound again at once by who says so. */
static void test_reuse(void) {
    int ends[2], listener = listen4(1), fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in own = loop4(port_of(listener));

    set_number(listener, SOL_SOCKET, SO_REUSEADDR, 1);
    ends[0] = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(!connect(ends[0], AS(own)));
    ends[1] = accept(listener, NULL, NULL);
    close(listener);
    CHECK_FAILS(bind(fd, AS(own)), EADDRINUSE);
    close(ends[1]);
    char byte;
    CHECK_EQUAL(read(ends[0], &byte, 1), 0);
    close(ends[0]);
    CHECK(!set_number(fd, SOL_SOCKET, SO_REUSEADDR, 1));
    CHECK(!bind(fd, AS(own)));
    CHECK(!listen(fd, 1));
    close(fd);
}

static void test_limits(void) {
    struct timeval limit = {.tv_usec = 50000};
    int ends[2], listener = listen4(1);
    char byte;

    connect_pair(ends);
    CHECK(!setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit));
    CHECK_FAILS(read(ends[0], &byte, 1), EAGAIN);
    CHECK(!setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit));
    CHECK_FAILS(accept(listener, NULL, NULL), EAGAIN);
    close(listener);
    close(ends[0]);
    close(ends[1]);
}

static void *close_later(void *fd) {
    char byte;

    usleep(50000);
    shutdown((int)(long)fd, SHUT_RDWR);
    (void)byte;
    return NULL;
}

/* A wait ends when another thread shuts the socket. */
static void test_shut_while_waiting(void) {
    pthread_t thread;
    int ends[2], listener = listen4(1);
    char byte;

    connect_pair(ends);
    pthread_create(&thread, NULL, close_later, (void *)(long)ends[0]);
    CHECK_EQUAL(read(ends[0], &byte, 1), 0);
    pthread_join(thread, NULL);
    pthread_create(&thread, NULL, close_later, (void *)(long)listener);
    CHECK_FAILS(accept(listener, NULL, NULL), EINVAL);
    pthread_join(thread, NULL);
    close(ends[0]);
    close(ends[1]);
    close(listener);
}

static void test_epoll(void) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.u32 = 7};
    int ends[2], set = epoll_create1(0);
    char buffer[8];

    connect_pair(ends);
    CHECK(!epoll_ctl(set, EPOLL_CTL_ADD, ends[0], &event));
    CHECK_EQUAL(epoll_wait(set, &event, 1, 10000), 1);
    CHECK(event.events == EPOLLOUT && event.data.u32 == 7);
    CHECK_EQUAL(epoll_wait(set, &event, 1, 0), 0);
    CHECK_EQUAL(write(ends[1], "a", 1), 1);
    CHECK_EQUAL(epoll_wait(set, &event, 1, 10000), 1);
    CHECK_EQUAL(event.events, EPOLLIN | EPOLLOUT);
    CHECK_EQUAL(epoll_wait(set, &event, 1, 0), 0);
    CHECK_EQUAL(write(ends[1], "b", 1), 1); /* another edge */
    CHECK_EQUAL(epoll_wait(set, &event, 1, 10000), 1);
    CHECK_EQUAL(read(ends[0], buffer, 8), 2);
    close(ends[0]);
    close(ends[1]);
    close(set);
}

int main(void) {
    signal(SIGPIPE, count_pipe);
    RUN(test_names);
    RUN(test_data);
    RUN(test_half_close);
    RUN(test_reset);
    RUN(test_refused);
    RUN(test_no_wait);
    RUN(test_bind);
    RUN(test_reuse);
    RUN(test_limits);
    RUN(test_shut_while_waiting);
    RUN(test_epoll);
    return checks_end();
}
