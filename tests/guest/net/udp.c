/* SPDX-License-Identifier: MIT */
/* UDP over the loopback: datagrams, connections, errors, control messages. */
// stdout-from: checks
// native: -pthread
#define _GNU_SOURCE
#include "net.h"

#include <sys/ioctl.h>
#include <sys/uio.h>

static int bound4(void) {
    struct sockaddr_in any = loop4(0);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    CHECK(fd >= 0 && !bind(fd, AS(any)));
    return fd;
}

static void test_data(void) {
    int a = bound4(), b = bound4(), number;
    struct sockaddr_in to = loop4(port_of(b)), from;
    socklen_t size = sizeof from;
    char buffer[16];

    CHECK_FAILS(send(a, "x", 1, 0), EDESTADDRREQ);
    CHECK_FAILS(recv(b, buffer, 1, MSG_DONTWAIT), EAGAIN);
    CHECK_EQUAL(poll_one(b, POLLIN | POLLOUT, 0), POLLOUT);
    CHECK_EQUAL(sendto(a, "hello", 5, 0, AS(to)), 5);
    CHECK_EQUAL(sendto(a, "", 0, 0, AS(to)), 0);
    CHECK_EQUAL(sendto(a, "0123456789", 10, 0, AS(to)), 10);
    CHECK_EQUAL(poll_one(b, POLLIN, 10000), POLLIN);
    CHECK(!ioctl(b, FIONREAD, &number) && number == 5);
    CHECK_EQUAL(recv(b, buffer, 16, MSG_PEEK), 5);
    CHECK_EQUAL(recvfrom(b, buffer, 16, 0, (struct sockaddr *)&from, &size), 5);
    CHECK(size == sizeof from && from.sin_port == htons((uint16_t)port_of(a)) &&
          from.sin_addr.s_addr == htonl(INADDR_LOOPBACK));
    CHECK_EQUAL(recv(b, buffer, 16, 0), 0);
    CHECK_EQUAL(recv(b, buffer, 4, MSG_TRUNC), 10);
    CHECK_FAILS(recv(b, buffer, 1, MSG_DONTWAIT), EAGAIN);
    to.sin_port = 0;
    CHECK_FAILS(sendto(a, "x", 1, 0, AS(to)), EINVAL);
    CHECK_FAILS(sendto(a, "x", 1, 0, (struct sockaddr *)&to, 8), EINVAL);
    CHECK_FAILS(listen(a, 1), EOPNOTSUPP);
    CHECK_FAILS(accept(a, NULL, NULL), EOPNOTSUPP);
    CHECK_FAILS(shutdown(a, SHUT_RD), ENOTCONN);
    close(a);
    close(b);
}

static void test_sizes(void) {
    static char out[70000], in[70000];
    int a = bound4(), b = bound4();
    struct sockaddr_in to = loop4(port_of(b));
    static const size_t sizes[] = {1, 1000, 1237, 1472, 4096, 4097, 20000, 65507};

    for (size_t i = 0; i < sizeof out; i++)
        out[i] = (char)(i * 7 ^ i >> 8);
    for (size_t i = 0; i < LENGTH(sizes); i++) {
        CHECK_EQUAL(sendto(a, out, sizes[i], 0, AS(to)), sizes[i]);
        memset(in, 0, sizeof in);
        CHECK_EQUAL(recv(b, in, sizeof in, 0), sizes[i]);
        CHECK(!memcmp(in, out, sizes[i]));
    }
    CHECK_FAILS(sendto(a, out, 65508, 0, AS(to)), EMSGSIZE);
    close(a);
    close(b);
}

static void test_connected(void) {
    int a = bound4(), b = bound4(), c = bound4();
    struct sockaddr_in to = loop4(port_of(b)), own, none = {.sin_family = AF_UNSPEC};
    socklen_t size = sizeof own;
    char buffer[8];

    CHECK_FAILS(getpeername(a, (struct sockaddr *)&own, &size), ENOTCONN);
    CHECK(!connect(a, AS(to)));
    CHECK(!getpeername(a, (struct sockaddr *)&own, &size));
    CHECK_EQUAL(own.sin_port, to.sin_port);
    CHECK_EQUAL(write(a, "one", 3), 3);
    CHECK_EQUAL(read(b, buffer, 8), 3);
    /* What others send does not come. */
    struct sockaddr_in at_a = loop4(port_of(a));
    CHECK_EQUAL(sendto(c, "no", 2, 0, AS(at_a)), 2);
    CHECK_EQUAL(sendto(b, "yes", 3, 0, AS(at_a)), 3);
    CHECK_EQUAL(read(a, buffer, 8), 3);
    CHECK_FAILS(recv(a, buffer, 8, MSG_DONTWAIT), EAGAIN);
    /* Nobody is there any more. */
    close(b);
    CHECK_EQUAL(write(a, "x", 1), 1);
    CHECK(poll_one(a, POLLIN, 10000) & POLLERR);
    CHECK_FAILS(recv(a, buffer, 8, 0), ECONNREFUSED);
    CHECK_FAILS(recv(a, buffer, 8, MSG_DONTWAIT), EAGAIN);
    CHECK_EQUAL(write(a, "x", 1), 1);
    CHECK(poll_one(a, POLLIN, 10000) & POLLERR);
    CHECK_EQUAL(get_number(a, SOL_SOCKET, SO_ERROR), ECONNREFUSED);
    CHECK(!connect(a, AS(none)));
    CHECK_FAILS(write(a, "x", 1), EDESTADDRREQ);
    close(a);
    close(c);
}

static struct cmsghdr *find(struct msghdr *m, int level, int type) {
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c))
        if (c->cmsg_level == level && c->cmsg_type == type)
            return c;
    return NULL;
}

static void test_control(void) {
    int a = bound4(), b = bound4(), number;
    struct sockaddr_in to = loop4(port_of(b)), from;
    char data[8], control[256];
    struct iovec part = {data, sizeof data};
    struct msghdr m = {.msg_name = &from,
                       .msg_namelen = sizeof from,
                       .msg_iov = &part,
                       .msg_iovlen = 1,
                       .msg_control = control,
                       .msg_controllen = sizeof control};
    struct cmsghdr *c;

    CHECK(!set_number(b, IPPROTO_IP, IP_PKTINFO, 1));
    CHECK(!set_number(b, IPPROTO_IP, IP_RECVTTL, 1));
    CHECK(!set_number(b, IPPROTO_IP, IP_RECVTOS, 1));
    CHECK(!set_number(b, SOL_SOCKET, SO_TIMESTAMP, 1));
    CHECK(!set_number(a, IPPROTO_IP, IP_TTL, 33));
    CHECK(!set_number(a, IPPROTO_IP, IP_TOS, 0x10));
    CHECK_EQUAL(sendto(a, "abc", 3, 0, AS(to)), 3);
    CHECK_EQUAL(recvmsg(b, &m, 0), 3);
    CHECK(!m.msg_flags);
    c = find(&m, IPPROTO_IP, IP_PKTINFO);
    if (CHECK(c)) {
        struct in_pktinfo *info = (struct in_pktinfo *)CMSG_DATA(c);
        CHECK_EQUAL(info->ipi_ifindex, 1);
        CHECK_EQUAL(info->ipi_addr.s_addr, htonl(INADDR_LOOPBACK));
    }
    c = find(&m, IPPROTO_IP, IP_TTL);
    if (CHECK(c)) {
        memcpy(&number, CMSG_DATA(c), sizeof number);
        CHECK_EQUAL(number, 33);
    }
    c = find(&m, IPPROTO_IP, IP_TOS);
    if (CHECK(c))
        CHECK_EQUAL(*CMSG_DATA(c), 0x10);
    CHECK(find(&m, SOL_SOCKET, SO_TIMESTAMP));
    /* No room for them. */
    m.msg_controllen = 4;
    CHECK_EQUAL(sendto(a, "abc", 3, 0, AS(to)), 3);
    CHECK_EQUAL(recvmsg(b, &m, 0), 3);
    CHECK_EQUAL(m.msg_flags, MSG_CTRUNC);
    close(a);
    close(b);
}

static void test_many(void) {
    int a = bound4(), b = bound4();
    struct sockaddr_in to = loop4(port_of(b));
    struct mmsghdr out[4] = {0}, in[8] = {0};
    struct iovec parts[8];
    char data[8][8];

    for (unsigned i = 0; i < 4; i++) {
        parts[i] = (struct iovec){&"abcdefgh"[i], i + 1};
        out[i].msg_hdr = (struct msghdr){.msg_name = &to,
                                         .msg_namelen = sizeof to,
                                         .msg_iov = &parts[i],
                                         .msg_iovlen = 1};
    }
    CHECK_EQUAL(sendmmsg(a, out, 4, 0), 4);
    CHECK_EQUAL(out[3].msg_len, 4);
    for (unsigned i = 0; i < 8; i++) {
        parts[i] = (struct iovec){data[i], 8};
        in[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1};
    }
    CHECK_EQUAL(recvmmsg(b, in, 8, MSG_WAITFORONE, NULL), 4);
    for (unsigned i = 0; i < 4; i++)
        CHECK(in[i].msg_len == i + 1 && data[i][0] == (char)('a' + (int)i));
    close(a);
    close(b);
}

static void test_bind(void) {
    int a = bound4(), b = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in own = loop4(port_of(a));

    CHECK_FAILS(bind(b, AS(own)), EADDRINUSE);
    set_number(b, SOL_SOCKET, SO_REUSEADDR, 1);
    CHECK_FAILS(bind(b, AS(own)), EADDRINUSE);
    set_number(a, SOL_SOCKET, SO_REUSEADDR, 1);
    CHECK(!bind(b, AS(own)));
    CHECK_FAILS(bind(b, AS(own)), EINVAL);
    close(a);
    close(b);
    CHECK_FAILS(socket(AF_INET, SOCK_DGRAM, IPPROTO_TCP), EPROTONOSUPPORT);
    a = socket(AF_INET, SOCK_DGRAM, 0);
    own = (struct sockaddr_in){.sin_family = AF_INET,
                               .sin_port = htons(9),
                               .sin_addr.s_addr = htonl(INADDR_BROADCAST)};
    CHECK_FAILS(sendto(a, "x", 1, 0, AS(own)), EACCES);
    close(a);
}

/* To an address of 127.0.0.0/8, and to none, which is ourselves. */
static void test_addresses(void) {
    struct sockaddr_in any = {.sin_family = AF_INET}, to, from;
    int a = socket(AF_INET, SOCK_DGRAM, 0), b = socket(AF_INET, SOCK_DGRAM, 0);
    socklen_t size = sizeof from;
    char byte;

    CHECK(!bind(b, AS(any)));
    to = loop4(port_of(b));
    to.sin_addr.s_addr = htonl(0x7f010203);
    CHECK_EQUAL(sendto(a, "x", 1, 0, AS(to)), 1);
    CHECK_EQUAL(recvfrom(b, &byte, 1, 0, (struct sockaddr *)&from, &size), 1);
    CHECK_EQUAL(from.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
    to.sin_addr.s_addr = 0;
    CHECK_EQUAL(sendto(a, "x", 1, 0, AS(to)), 1);
    CHECK_EQUAL(recv(b, &byte, 1, 0), 1);
    close(a);
    close(b);
}

int main(void) {
    RUN(test_data);
    RUN(test_sizes);
    RUN(test_connected);
    RUN(test_control);
    RUN(test_many);
    RUN(test_bind);
    RUN(test_addresses);
    return checks_end();
}
