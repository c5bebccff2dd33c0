/* SPDX-License-Identifier: MIT */
/* What tests of sockets share: ends of the loopback, and connections over it. */
#ifndef ATMAN_TESTS_NET_H
#define ATMAN_TESTS_NET_H

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"
#include "thread/thread.h"

#define AS(address) (struct sockaddr *)&(address), sizeof(address)

static inline struct sockaddr_in loop4(unsigned port) {
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static inline struct sockaddr_in6 loop6(unsigned port) {
    return (struct sockaddr_in6){.sin6_family = AF_INET6,
                                 .sin6_port = htons((uint16_t)port),
                                 .sin6_addr = IN6ADDR_LOOPBACK_INIT};
}

static inline unsigned port_of(int fd) {
    struct sockaddr_storage name;
    socklen_t size = sizeof name;

    CHECK(!getsockname(fd, (struct sockaddr *)&name, &size));
    return ntohs(name.ss_family == AF_INET ? ((struct sockaddr_in *)&name)->sin_port
                                           : ((struct sockaddr_in6 *)&name)->sin6_port);
}

/* Listens on a port of its own. */
static inline int listen4(int backlog) {
    struct sockaddr_in any = loop4(0);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    CHECK(fd >= 0 && !bind(fd, AS(any)) && !listen(fd, backlog));
    return fd;
}

/* Two ends of a connection. */
static inline void connect_pair(int ends[2]) {
    int listener = listen4(1);
    struct sockaddr_in to = loop4(port_of(listener));

    ends[0] = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(!connect(ends[0], AS(to)));
    ends[1] = accept(listener, NULL, NULL);
    CHECK(ends[1] >= 0);
    close(listener);
}

/* What poll says of one, within ten seconds if it says anything at all. */
static inline int poll_one(int fd, int events, int wait) {
    struct pollfd one = {.fd = fd, .events = (short)events};

    poll(&one, 1, wait);
    return one.revents;
}

static inline int set_number(int fd, int level, int name, int value) {
    return setsockopt(fd, level, name, &value, sizeof value);
}

static inline int get_number(int fd, int level, int name) {
    int value = -12345;
    socklen_t size = sizeof value;

    return getsockopt(fd, level, name, &value, &size) ? -errno : value;
}

/* All of it; 0 at the end of the stream. */
static inline ssize_t read_all(int fd, void *buffer, size_t size) {
    size_t done = 0;

    while (done < size) {
        ssize_t n = read(fd, (char *)buffer + done, size - done);
        if (n < 0)
            return n;
        if (!n)
            break;
        done += (size_t)n;
    }
    return (ssize_t)done;
}

static inline int write_all(int fd, const void *data, size_t size) {
    for (size_t done = 0; done < size;) {
        ssize_t n = write(fd, (const char *)data + done, size - done);
        if (n < 0)
            return -1;
        done += (size_t)n;
    }
    return 0;
}

#endif
