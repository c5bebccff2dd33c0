/* SPDX-License-Identifier: MIT */
/* Options of sockets, and what they answer where they are not there. */
// stdout-from: checks
// native: -pthread
#define _GNU_SOURCE
#include "net.h"

/* Those that are a number which is told as it was set. */
static void test_numbers(void) {
    static const struct {
        int level, name, value;
    } numbers[] = {
        {SOL_SOCKET, SO_REUSEADDR, 1},
        {SOL_SOCKET, SO_REUSEPORT, 1},
        {SOL_SOCKET, SO_KEEPALIVE, 1},
        {SOL_SOCKET, SO_OOBINLINE, 1},
        {SOL_SOCKET, SO_TIMESTAMP, 1},
        {SOL_SOCKET, SO_DONTROUTE, 1},
        {IPPROTO_TCP, TCP_NODELAY, 1},
        {IPPROTO_TCP, TCP_NODELAY, 0},
        {IPPROTO_TCP, TCP_CORK, 1},
        {IPPROTO_TCP, TCP_CORK, 0},
        {IPPROTO_TCP, TCP_KEEPIDLE, 30},
        {IPPROTO_TCP, TCP_KEEPINTVL, 5},
        {IPPROTO_TCP, TCP_KEEPCNT, 3},
        {IPPROTO_TCP, TCP_SYNCNT, 4},
        {IPPROTO_TCP, TCP_USER_TIMEOUT, 99},
        {IPPROTO_TCP, TCP_QUICKACK, 1},
        {IPPROTO_IP, IP_TTL, 12},
        {IPPROTO_IP, IP_TOS, 0x10},

        {IPPROTO_IP, IP_MULTICAST_LOOP, 0},
        {IPPROTO_IP, IP_PKTINFO, 1},
        {IPPROTO_IP, IP_RECVTTL, 1},
        {IPPROTO_IP, IP_RECVTOS, 1},
        {IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO},
        {IPPROTO_IP, IP_FREEBIND, 1},
        {IPPROTO_IP, IP_RECVERR, 1},
    };
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    for (size_t i = 0; i < LENGTH(numbers); i++) {
        if (!CHECK(!set_number(fd, numbers[i].level, numbers[i].name, numbers[i].value)))
            printf("    option %d of %d\n", numbers[i].name, numbers[i].level);
        if (!CHECK_EQUAL(get_number(fd, numbers[i].level, numbers[i].name),
                         numbers[i].value))
            printf("    option %d of %d\n", numbers[i].name, numbers[i].level);
    }
    close(fd);
    fd = socket(AF_INET, SOCK_DGRAM, 0);
    CHECK(!set_number(fd, IPPROTO_IP, IP_MULTICAST_TTL, 7));
    CHECK_EQUAL(get_number(fd, IPPROTO_IP, IP_MULTICAST_TTL), 7);
    close(fd);
    fd = socket(AF_INET6, SOCK_DGRAM, 0);
    static const int of6[][2] = {
        {IPV6_V6ONLY, 1},         {IPV6_UNICAST_HOPS, 5}, {IPV6_MULTICAST_HOPS, 6},
        {IPV6_MULTICAST_LOOP, 0}, {IPV6_RECVPKTINFO, 1},  {IPV6_RECVHOPLIMIT, 1},
        {IPV6_TCLASS, 0x20},      {IPV6_RECVTCLASS, 1},   {IPV6_RECVERR, 1},
        {IPV6_MULTICAST_IF, 1},   {IPV6_MTU_DISCOVER, 2},
    };
    for (size_t i = 0; i < LENGTH(of6); i++) {
        if (!CHECK(!set_number(fd, IPPROTO_IPV6, of6[i][0], of6[i][1])))
            printf("    option %d of IPv6\n", of6[i][0]);
        if (!CHECK_EQUAL(get_number(fd, IPPROTO_IPV6, of6[i][0]), of6[i][1]))
            printf("    option %d of IPv6\n", of6[i][0]);
    }
    close(fd);
}

static void test_defaults(void) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    CHECK_EQUAL(get_number(fd, IPPROTO_TCP, TCP_NODELAY), 0);
    CHECK_EQUAL(get_number(fd, IPPROTO_TCP, TCP_KEEPIDLE), 7200);
    CHECK_EQUAL(get_number(fd, IPPROTO_TCP, TCP_KEEPINTVL), 75);
    CHECK_EQUAL(get_number(fd, IPPROTO_TCP, TCP_KEEPCNT), 9);
    CHECK_EQUAL(get_number(fd, IPPROTO_TCP, TCP_SYNCNT), 6);
    CHECK_EQUAL(get_number(fd, IPPROTO_TCP, TCP_MAXSEG), 536);
    CHECK_EQUAL(get_number(fd, IPPROTO_IP, IP_TTL), 64);
    CHECK_EQUAL(get_number(fd, IPPROTO_IP, IP_TOS), 0);
    CHECK_EQUAL(get_number(fd, IPPROTO_IP, IP_MULTICAST_TTL), 1);
    CHECK_EQUAL(get_number(fd, IPPROTO_IP, IP_MULTICAST_LOOP), 1);
    CHECK_EQUAL(get_number(fd, SOL_SOCKET, SO_ERROR), 0);
    CHECK_EQUAL(get_number(fd, SOL_SOCKET, SO_KEEPALIVE), 0);
    CHECK_EQUAL(get_number(fd, SOL_SOCKET, SO_RCVLOWAT), 1);
    CHECK_EQUAL(get_number(fd, SOL_SOCKET, SO_SNDBUF), 16384);
    CHECK_EQUAL(get_number(fd, SOL_SOCKET, SO_RCVBUF), 131072);
    close(fd);
}

static void test_wrong(void) {
    int fd = socket(AF_INET, SOCK_STREAM, 0), number = 1;
    struct timeval time = {0, 1000000};
    socklen_t size = sizeof number;

    CHECK_FAILS(set_number(fd, SOL_SOCKET, SO_TYPE, 1), ENOPROTOOPT);
    CHECK_FAILS(set_number(fd, SOL_SOCKET, 12345, 1), ENOPROTOOPT);
    CHECK_FAILS(getsockopt(fd, SOL_SOCKET, 12345, &number, &size), ENOPROTOOPT);
    CHECK_FAILS(set_number(fd, IPPROTO_TCP, 12345, 1), ENOPROTOOPT);
    CHECK_FAILS(getsockopt(fd, IPPROTO_TCP, 12345, &number, &size), ENOPROTOOPT);
    CHECK_FAILS(set_number(fd, IPPROTO_IP, 12345, 1), ENOPROTOOPT);
    CHECK_FAILS(getsockopt(fd, IPPROTO_IP, 12345, &number, &size), ENOPROTOOPT);
    CHECK_FAILS(set_number(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1), ENOPROTOOPT);
    CHECK_FAILS(set_number(fd, 12345, 1, 1), ENOPROTOOPT);
    CHECK_FAILS(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &number, 2), EINVAL);
    CHECK_FAILS(setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &number, 2), EINVAL);
    CHECK_FAILS(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time), EDOM);
    CHECK_FAILS(set_number(fd, IPPROTO_TCP, TCP_KEEPIDLE, 0), EINVAL);
    CHECK_FAILS(set_number(fd, IPPROTO_TCP, TCP_KEEPIDLE, 32768), EINVAL);
    CHECK_FAILS(set_number(fd, IPPROTO_TCP, TCP_KEEPCNT, 128), EINVAL);
    CHECK_FAILS(set_number(fd, IPPROTO_IP, IP_MULTICAST_TTL, 7), EINVAL);
    CHECK_FAILS(set_number(fd, IPPROTO_IP, IP_TTL, 256), EINVAL);
    CHECK_FAILS(set_number(fd, IPPROTO_IP, IP_TTL, 0), EINVAL);
    CHECK_FAILS(setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "nothing", 7), ENOENT);
    CHECK_FAILS(setsockopt(fd, SOL_SOCKET, SO_LINGER, &number, 4), EINVAL);
    close(fd);
}

/* A size in bytes is told twice as large. */
static void test_buffers(void) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    CHECK(!set_number(fd, SOL_SOCKET, SO_SNDBUF, 20000));
    CHECK_EQUAL(get_number(fd, SOL_SOCKET, SO_SNDBUF), 40000);
    CHECK(!set_number(fd, SOL_SOCKET, SO_RCVBUF, 30000));
    CHECK_EQUAL(get_number(fd, SOL_SOCKET, SO_RCVBUF), 60000);
    CHECK(!set_number(fd, SOL_SOCKET, SO_SNDBUF, 1));
    CHECK_EQUAL(get_number(fd, SOL_SOCKET, SO_SNDBUF), 4608);
    close(fd);
}

static void test_info(void) {
    struct tcp_info info;
    socklen_t size = sizeof info;
    int ends[2], listener = listen4(5);

    CHECK(!getsockopt(listener, IPPROTO_TCP, TCP_INFO, &info, &size));
    CHECK_EQUAL(info.tcpi_state, TCP_LISTEN);
    connect_pair(ends);
    size = sizeof info;
    CHECK(!getsockopt(ends[0], IPPROTO_TCP, TCP_INFO, &info, &size));
    CHECK_EQUAL(info.tcpi_state, TCP_ESTABLISHED);
    CHECK(info.tcpi_snd_mss > 1000 && info.tcpi_options & TCPI_OPT_WSCALE);
    shutdown(ends[0], SHUT_WR);
    char byte;
    CHECK_EQUAL(read(ends[1], &byte, 1), 0);
    CHECK(!getsockopt(ends[1], IPPROTO_TCP, TCP_INFO, &info, &size));
    CHECK_EQUAL(info.tcpi_state, TCP_CLOSE_WAIT);
    close(ends[0]);
    close(ends[1]);
    close(listener);
}

/* What a listener was told holds for what it accepts. */
static void test_inherited(void) {
    int listener = listen4(1), fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = loop4(port_of(listener));

    CHECK(!set_number(listener, IPPROTO_TCP, TCP_NODELAY, 1));
    CHECK(!set_number(listener, SOL_SOCKET, SO_KEEPALIVE, 1));
    CHECK(!set_number(listener, IPPROTO_TCP, TCP_KEEPIDLE, 77));
    CHECK(!connect(fd, AS(to)));
    int other = accept(listener, NULL, NULL);
    CHECK_EQUAL(get_number(other, IPPROTO_TCP, TCP_NODELAY), 1);
    CHECK_EQUAL(get_number(other, SOL_SOCKET, SO_KEEPALIVE), 1);
    CHECK_EQUAL(get_number(other, IPPROTO_TCP, TCP_KEEPIDLE), 77);
    CHECK_EQUAL(get_number(listener, SOL_SOCKET, SO_ACCEPTCONN), 1);
    close(other);
    close(fd);
    close(listener);
}

/* A corked end is not sent before it is said, or the cork is out. */
static void test_cork(void) {
    char buffer[64];
    int ends[2];

    connect_pair(ends);
    CHECK(!set_number(ends[0], IPPROTO_TCP, TCP_CORK, 1));
    CHECK_EQUAL(write(ends[0], "head", 4), 4);
    CHECK_EQUAL(poll_one(ends[1], POLLIN, 20), 0);
    CHECK_EQUAL(write(ends[0], "body", 4), 4);
    CHECK(!set_number(ends[0], IPPROTO_TCP, TCP_CORK, 0));
    CHECK(poll_one(ends[1], POLLIN, 10000) & POLLIN);
    CHECK_EQUAL(read(ends[1], buffer, sizeof buffer), 8);
    CHECK_EQUAL(send(ends[0], "more", 4, MSG_MORE), 4);
    CHECK_EQUAL(write(ends[0], "end", 3), 3);
    CHECK(poll_one(ends[1], POLLIN, 10000) & POLLIN);
    CHECK_EQUAL(recv(ends[1], buffer, 7, MSG_WAITALL), 7);
    close(ends[0]);
    close(ends[1]);
}

/* Several listen on one port, and each connection comes to one of them. */
static void test_shared_port(void) {
    enum { LISTENERS = 3, CALLS = 60 };
    int listeners[LISTENERS], calls[CALLS], accepted = 0;
    struct sockaddr_in own = loop4(0);

    for (int i = 0; i < LISTENERS; i++) {
        listeners[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        CHECK(!set_number(listeners[i], SOL_SOCKET, SO_REUSEPORT, 1));
        CHECK(!bind(listeners[i], AS(own)) && !listen(listeners[i], CALLS));
        own = loop4(port_of(listeners[i]));
    }
    for (int i = 0; i < CALLS; i++) {
        calls[i] = socket(AF_INET, SOCK_STREAM, 0);
        CHECK(!connect(calls[i], AS(own)));
    }
    for (int i = 0; i < LISTENERS; i++) {
        int fd, some = 0;
        while ((fd = accept(listeners[i], NULL, NULL)) >= 0) {
            close(fd);
            some++;
        }
        CHECK(some > 0);
        accepted += some;
        close(listeners[i]);
    }
    CHECK_EQUAL(accepted, CALLS);
    for (int i = 0; i < CALLS; i++)
        close(calls[i]);
}

/* Linger waits for what is on the way; here that is soon there. */
static void test_linger(void) {
    struct linger soft = {1, 5};
    char buffer[4];
    int ends[2];

    connect_pair(ends);
    CHECK(!setsockopt(ends[0], SOL_SOCKET, SO_LINGER, &soft, sizeof soft));
    CHECK_EQUAL(write(ends[0], "last", 4), 4);
    CHECK(!close(ends[0]));
    CHECK_EQUAL(read_all(ends[1], buffer, 4), 4);
    CHECK_EQUAL(read(ends[1], buffer, 4), 0);
    close(ends[1]);
}

int main(void) {
    RUN(test_numbers);
    RUN(test_defaults);
    RUN(test_wrong);
    RUN(test_buffers);
    RUN(test_info);
    RUN(test_inherited);
    RUN(test_cork);
    RUN(test_shared_port);
    RUN(test_linger);
    return checks_end();
}
