/* SPDX-License-Identifier: MIT */
/* IPv6, and sockets of AF_INET6 that speak IPv4 as well. */
// stdout-from: checks
// native: -pthread
#define _GNU_SOURCE
#include "net.h"

static const struct in6_addr mapped_loop = {{{[10] = 0xff, 0xff, 127, 0, 0, 1}}};

static int listen6(int only, unsigned *port) {
    struct sockaddr_in6 any = {.sin6_family = AF_INET6};
    int fd = socket(AF_INET6, SOCK_STREAM, 0);

    CHECK(fd >= 0 && !set_number(fd, IPPROTO_IPV6, IPV6_V6ONLY, only));
    CHECK_EQUAL(get_number(fd, IPPROTO_IPV6, IPV6_V6ONLY), only);
    CHECK(!bind(fd, AS(any)) && !listen(fd, 4));
    *port = port_of(fd);
    return fd;
}

static void test_both(void) {
    unsigned port;
    int listener = listen6(0, &port), fd = socket(AF_INET, SOCK_STREAM, 0), other;
    struct sockaddr_in to4 = loop4(port);
    struct sockaddr_in6 to6 = loop6(port), name;
    socklen_t size = sizeof name;
    char buffer[4];

    CHECK(!connect(fd, AS(to4)));
    other = accept(listener, (struct sockaddr *)&name, &size);
    CHECK(other >= 0 && size == sizeof name && name.sin6_family == AF_INET6);
    CHECK(!memcmp(&name.sin6_addr, &mapped_loop, sizeof mapped_loop));
    CHECK(!getsockname(other, (struct sockaddr *)&name, &size));
    CHECK(!memcmp(&name.sin6_addr, &mapped_loop, sizeof mapped_loop));
    CHECK_EQUAL(write(fd, "four", 4), 4);
    CHECK_EQUAL(read(other, buffer, 4), 4);
    close(fd);
    close(other);
    fd = socket(AF_INET6, SOCK_STREAM, 0);
    CHECK(!connect(fd, AS(to6)));
    other = accept(listener, (struct sockaddr *)&name, &size);
    CHECK(other >= 0 && !memcmp(&name.sin6_addr, &in6addr_loopback, 16));
    CHECK_EQUAL(write(other, "six", 3), 3);
    CHECK_EQUAL(read(fd, buffer, 4), 3);
    close(fd);
    close(other);
    /* An IPv4 address for one of AF_INET6. */
    fd = socket(AF_INET6, SOCK_STREAM, 0);
    to6.sin6_addr = mapped_loop;
    CHECK(!connect(fd, AS(to6)));
    CHECK(!getpeername(fd, (struct sockaddr *)&name, &size));
    CHECK(!memcmp(&name.sin6_addr, &mapped_loop, 16));
    close(fd);
    close(listener);
}

static void test_only(void) {
    unsigned port;
    int listener = listen6(1, &port), fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to4 = loop4(port);
    struct sockaddr_in6 to6 = loop6(port);

    CHECK_FAILS(connect(fd, AS(to4)), ECONNREFUSED);
    close(fd);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(!bind(fd, AS(to4)) && !listen(fd, 1)); /* there is no conflict */
    close(fd);
    fd = socket(AF_INET6, SOCK_STREAM, 0);
    CHECK(!set_number(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1));
    to6.sin6_addr = mapped_loop;
    CHECK_FAILS(connect(fd, AS(to6)), ENETUNREACH);
    close(fd);
    close(listener);
    /* One for both takes IPv4's port as well. */
    listener = listen6(0, &port);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    to4 = loop4(port);
    CHECK_FAILS(bind(fd, AS(to4)), EADDRINUSE);
    close(fd);
    close(listener);
}

static void test_udp(void) {
    struct sockaddr_in6 any = {.sin6_family = AF_INET6}, to, from;
    int a = socket(AF_INET6, SOCK_DGRAM, 0), b = socket(AF_INET6, SOCK_DGRAM, 0);
    int c = socket(AF_INET, SOCK_DGRAM, 0);
    socklen_t size = sizeof from;
    char buffer[8], control[128];
    struct iovec part = {buffer, sizeof buffer};
    struct msghdr m = {.msg_iov = &part,
                       .msg_iovlen = 1,
                       .msg_control = control,
                       .msg_controllen = sizeof control};

    CHECK(!bind(b, AS(any)));
    to = loop6(port_of(b));
    CHECK_EQUAL(sendto(a, "six", 3, 0, AS(to)), 3);
    CHECK_EQUAL(recvfrom(b, buffer, 8, 0, (struct sockaddr *)&from, &size), 3);
    CHECK(!memcmp(&from.sin6_addr, &in6addr_loopback, 16));
    struct sockaddr_in to4 = loop4(port_of(b));
    CHECK_EQUAL(sendto(c, "four", 4, 0, AS(to4)), 4);
    CHECK_EQUAL(recvfrom(b, buffer, 8, 0, (struct sockaddr *)&from, &size), 4);
    CHECK(!memcmp(&from.sin6_addr, &mapped_loop, 16));
    CHECK(!set_number(b, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1));
    CHECK(!set_number(b, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1));
    CHECK(!set_number(a, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 9));
    CHECK_EQUAL(sendto(a, "six", 3, 0, AS(to)), 3);
    CHECK_EQUAL(recvmsg(b, &m, 0), 3);
    unsigned found = 0;
    for (struct cmsghdr *h = CMSG_FIRSTHDR(&m); h; h = CMSG_NXTHDR(&m, h)) {
        const struct in6_pktinfo *info = (struct in6_pktinfo *)CMSG_DATA(h);
        CHECK_EQUAL(h->cmsg_level, IPPROTO_IPV6);
        if (h->cmsg_type == IPV6_PKTINFO)
            found += CHECK(info->ipi6_ifindex == 1 &&
                           !memcmp(&info->ipi6_addr, &in6addr_loopback, 16));
        if (h->cmsg_type == IPV6_HOPLIMIT)
            found += CHECK_EQUAL(*(int *)CMSG_DATA(h), 9);
    }
    CHECK_EQUAL(found, 2);
    /* Nobody there. */
    close(b);
    CHECK(!connect(a, AS(to)));
    CHECK_EQUAL(write(a, "x", 1), 1);
    CHECK(poll_one(a, POLLIN, 10000) & POLLERR);
    CHECK_FAILS(read(a, buffer, 1), ECONNREFUSED);
    close(a);
    close(c);
}

int main(void) {
    RUN(test_both);
    RUN(test_only);
    RUN(test_udp);
    return checks_end();
}
