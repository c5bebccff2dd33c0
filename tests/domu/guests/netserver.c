/* SPDX-License-Identifier: MIT */
/*
 * netserver PORT: a server for netload.c, in one thread, with epoll; see pattern.h. At its
 * end it prints how many connections there were, and how many bytes of memory are in use
 * that were not after the first hundred.
 */
#define _GNU_SOURCE
#include "pattern.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CHUNK = 65536, EVENTS = 256 };

struct connection {
    int fd;
    int has_request, at_end, is_good;
    struct request request;
    uint64_t done;        /* bytes of the request, then of the work */
    size_t start, filled; /* of pending: what is to be sent back */
    char *pending;
};

static int poller, open_now, is_ending;
static unsigned long total;
static unsigned char chunk[CHUNK];

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void watch(int fd, unsigned events, void *data, int operation) {
    struct epoll_event event = {.events = events, .data.ptr = data};

    if (epoll_ctl(poller, operation, fd, &event) < 0)
        fail("epoll_ctl");
}

static void end(struct connection *c) {
    close(c->fd);
    free(c->pending);
    free(c);
    open_now--;
}

static void want(struct connection *c, unsigned events) {
    watch(c->fd, events, c, EPOLL_CTL_MOD);
}

/* Sends back what is pending. False: the connection has ended. */
static int echo_out(struct connection *c) {
    while (c->start < c->filled) {
        ssize_t n = send(c->fd, c->pending + c->start, c->filled - c->start, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) {
            want(c, EPOLLOUT);
            return 1;
        }
        if (n <= 0) {
            end(c);
            return 0;
        }
        c->start += (size_t)n;
    }
    if (c->at_end) {
        end(c);
        return 0;
    }
    c->start = c->filled = 0;
    want(c, EPOLLIN);
    return 1;
}

static void echo(struct connection *c) {
    if (!c->pending && !(c->pending = malloc(CHUNK)))
        fail("malloc");
    if (c->start < c->filled && !echo_out(c))
        return;
    while (c->start == c->filled) {
        ssize_t n = recv(c->fd, c->pending, CHUNK, 0);
        if (n < 0 && errno == EAGAIN) {
            if (open_now > 64) { /* many that wait need not keep room each */
                free(c->pending);
                c->pending = NULL;
            }
            return;
        }
        if (n <= 0) {
            end(c);
            return;
        }
        c->filled = (size_t)n;
        if (!echo_out(c))
            return;
    }
}

static void source(struct connection *c) {
    while (c->done < c->request.number) {
        uint64_t left = c->request.number - c->done;
        size_t size = left < CHUNK ? (size_t)left : CHUNK;
        pattern_fill(chunk, c->done, size);
        ssize_t n = send(c->fd, chunk, size, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) {
            want(c, EPOLLOUT);
            return;
        }
        if (n <= 0)
            break;
        c->done += (uint64_t)n;
    }
    end(c);
}

static void sink(struct connection *c) {
    while (c->done < c->request.number) {
        ssize_t n = recv(c->fd, chunk, CHUNK, 0);
        if (n < 0 && errno == EAGAIN)
            return;
        if (n <= 0) {
            end(c);
            return;
        }
        c->is_good &= pattern_is(chunk, c->done, (size_t)n);
        c->done += (uint64_t)n;
    }
    (void)!send(c->fd, c->is_good ? "y" : "n", 1, MSG_NOSIGNAL);
    end(c);
}

static void begin(struct connection *c) {
    c->has_request = 1;
    c->done = 0;
    switch (c->request.letter) {
    case 'e':
        echo(c);
        return;
    case 's':
        source(c);
        return;
    case 'r':
        c->is_good = 1;
        sink(c);
        return;
    case 'q':
        is_ending = 1;
    }
    end(c);
}

static void turn(struct connection *c) {
    if (c->has_request) {
        if (c->request.letter == 'e')
            echo(c);
        else if (c->request.letter == 's')
            source(c);
        else
            sink(c);
        return;
    }
    ssize_t n = recv(c->fd, (char *)&c->request + c->done, sizeof c->request - c->done, 0);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0) {
        end(c);
        return;
    }
    c->done += (uint64_t)n;
    if (c->done == sizeof c->request)
        begin(c);
}

static void take_all(int listener) {
    int fd;

    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        struct connection *c = calloc(1, sizeof *c);
        if (!c)
            fail("calloc");
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
        c->fd = fd;
        open_now++;
        total++;
        watch(fd, EPOLLIN, c, EPOLL_CTL_ADD);
    }
    if (errno != EAGAIN && errno != ECONNABORTED)
        fail("accept4");
}

static void send_back(int fd) {
    struct sockaddr_storage from;
    socklen_t size = sizeof from;
    ssize_t n;

    while ((n = recvfrom(fd, chunk, CHUNK, 0, (struct sockaddr *)&from, &size)) >= 0) {
        sendto(fd, chunk, (size_t)n, 0, (struct sockaddr *)&from, size);
        size = sizeof from;
    }
}

static int bound(int type, int port) {
    struct sockaddr_in6 address = {.sin6_family = AF_INET6,
                                   .sin6_port = htons((uint16_t)port)};
    int fd = socket(AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        fail("socket");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
        fail("bind");
    return fd;
}

static long kib_in_use(void) {
    char line[128];
    long kib = -1;
    FILE *file = fopen("/proc/meminfo", "r");

    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "MemAvailable: %ld", &kib) == 1)
            break;
    if (file)
        fclose(file);
    return kib;
}

int main(int argc, char **argv) {
    int port = argc > 1 ? atoi(argv[1]) : 7;
    int listener = bound(SOCK_STREAM, port), datagrams = bound(SOCK_DGRAM, port);
    struct epoll_event events[EVENTS];
    struct rlimit files = {20000, 20000};
    long before = 0;

    setrlimit(RLIMIT_NOFILE, &files);
    if (listen(listener, 1024) < 0)
        fail("listen");
    poller = epoll_create1(EPOLL_CLOEXEC);
    watch(listener, EPOLLIN, &listener, EPOLL_CTL_ADD);
    watch(datagrams, EPOLLIN, &datagrams, EPOLL_CTL_ADD);
    printf("listening\n");
    fflush(stdout);
    while (!is_ending || open_now) {
        int n = epoll_wait(poller, events, EVENTS, -1);
        for (int i = 0; i < n; i++) {
            void *data = events[i].data.ptr;
            if (data == &listener)
                take_all(listener);
            else if (data == &datagrams)
                send_back(datagrams);
            else
                turn(data);
        }
        if (!before && total >= 100 && open_now < 2)
            before = kib_in_use();
    }
    printf("%lu connections, %ld KiB more in use\n", total,
           before ? before - kib_in_use() : 0);
    return 0;
}
