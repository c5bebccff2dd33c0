/* SPDX-License-Identifier: MIT */
/*
 * netload WHAT ADDRESS PORT ARGUMENTS...: a client of netserver.c. WHAT is
 *   hold COUNT SECONDS   so many connections at once, each says something now and then
 *   short COUNT WIDTH    so many in a row, WIDTH at a time; every second one the server
 * closes get BYTES, put BYTES a stretch of the pattern comes, or goes udp COUNT SIZE
 * datagrams, one after the other, each sent until it has come back wait SECONDS until
 * somebody listens there, whoever that is quit                 the server is to end It
 * prints one line, and exits with 0 if nothing was lost or changed.
 */
#define _GNU_SOURCE
#include "pattern.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CHUNK = 65536, PATIENCE = 60000 /* ms */ };

static struct addrinfo *to;
static unsigned char chunk[CHUNK];

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static double now(void) {
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int begin_connect(void) {
    int fd = socket(to->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        fail("socket");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    if (connect(fd, to->ai_addr, to->ai_addrlen) < 0 && errno != EINPROGRESS &&
        errno != ECONNREFUSED)
        fail("connect");
    return fd;
}

static void wait_for(int fd, short events) {
    struct pollfd p = {fd, events, 0};

    if (poll(&p, 1, PATIENCE) <= 0) {
        fprintf(stderr, "nothing happened for %d s\n", PATIENCE / 1000);
        exit(1);
    }
}

static void send_all(int fd, const void *data, size_t size) {
    for (const char *p = data; size;) {
        ssize_t n = send(fd, p, size, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) {
            wait_for(fd, POLLOUT);
            continue;
        }
        if (n < 0)
            fail("send");
        p += n;
        size -= (size_t)n;
    }
}

/* Less than size at the connection's end. */
static size_t receive_all(int fd, void *data, size_t size) {
    size_t done = 0;

    while (done < size) {
        ssize_t n = recv(fd, (char *)data + done, size - done, 0);
        if (n < 0 && errno == EAGAIN) {
            wait_for(fd, POLLIN);
            continue;
        }
        if (n < 0)
            fail("recv");
        if (n == 0)
            break;
        done += (size_t)n;
    }
    return done;
}

static int ask(char letter, uint64_t number) {
    struct request request = {.letter = letter, .number = number};
    int fd = begin_connect();

    wait_for(fd, POLLOUT);
    send_all(fd, &request, sizeof request);
    return fd;
}

static void round_trip(int fd, uint64_t number) {
    size_t size = 1 + number * 7919 % 1500;
    unsigned char back[1500];

    pattern_fill(chunk, number, size);
    send_all(fd, chunk, size);
    if (receive_all(fd, back, size) != size || memcmp(back, chunk, size) != 0) {
        fprintf(stderr, "round trip %lu: not what was sent\n", (unsigned long)number);
        exit(1);
    }
}

static void hold(int count, int seconds) {
    int *fds = calloc((size_t)count, sizeof *fds);
    unsigned long trips = 0;
    struct timespec pause = {0, 1000 * 1000};

    for (int i = 0; i < count; i++)
        fds[i] = ask('e', 0);
    for (double end = now() + seconds; now() < end || trips < (unsigned long)count;
         trips++) {
        round_trip(fds[trips * 7 % (unsigned long)count], trips);
        if (trips % 16 == 0)
            nanosleep(&pause, NULL);
    }
    for (int i = 0; i < count; i++) {
        round_trip(fds[i], (unsigned long)i);
        shutdown(fds[i], SHUT_WR);
    }
    for (int i = 0; i < count; i++) {
        if (receive_all(fds[i], chunk, 1) != 0)
            exit(1);
        close(fds[i]);
    }
    printf("%d connections, %lu round trips\n", count, trips);
}

static void end_short(int fd, int i) {
    unsigned char back[8];

    if (i % 2) {
        round_trip(fd, (uint64_t)i);
    } else if (receive_all(fd, back, 8) != 8 || !pattern_is(back, 0, 8) ||
               receive_all(fd, back, 1) != 0) {
        fprintf(stderr, "connection %d: not the pattern\n", i);
        exit(1);
    }
    close(fd);
}

static void short_ones(int count, int width) {
    int *fds = calloc((size_t)width, sizeof *fds);

    for (int i = 0; i < count + width; i++) {
        if (i >= width)
            end_short(fds[i % width], i - width);
        if (i < count)
            fds[i % width] = ask(i % 2 ? 'e' : 's', 8);
    }
    printf("%d connections, one after the other\n", count);
}

static void get(uint64_t bytes) {
    int fd = ask('s', bytes);
    uint64_t done = 0;
    size_t n;

    while ((n = receive_all(fd, chunk, CHUNK))) {
        if (!pattern_is(chunk, done, n)) {
            fprintf(stderr, "from byte %lu on: not the pattern\n", (unsigned long)done);
            exit(1);
        }
        done += n;
    }
    printf("%lu bytes came\n", (unsigned long)done);
    exit(done != bytes);
}

static void put(uint64_t bytes) {
    int fd = ask('r', bytes);
    char answer = 0;

    for (uint64_t done = 0; done < bytes;) {
        size_t n = bytes - done < CHUNK ? (size_t)(bytes - done) : CHUNK;
        pattern_fill(chunk, done, n);
        send_all(fd, chunk, n);
        done += n;
    }
    receive_all(fd, &answer, 1);
    printf("%lu bytes went\n", (unsigned long)bytes);
    exit(answer != 'y');
}

static void datagrams(int count, size_t size) {
    int fd = socket(to->ai_family, SOCK_DGRAM, 0), again = 0;
    static unsigned char back[CHUNK];

    if (fd < 0 || size > CHUNK || connect(fd, to->ai_addr, to->ai_addrlen) < 0)
        fail("udp");
    for (int i = 0; i < count; again++) {
        struct pollfd p = {fd, POLLIN, 0};
        pattern_fill(chunk, (uint64_t)i * 8, size);
        if (send(fd, chunk, size, 0) < 0 && errno != ECONNREFUSED)
            fail("send");
        while (poll(&p, 1, 1000) > 0) {
            ssize_t n = recv(fd, back, sizeof back, 0);
            if (n == (ssize_t)size && memcmp(back, chunk, size) == 0) {
                i++;
                break;
            }
        }
        if (again > count + 1000)
            exit(1);
    }
    printf("%d datagrams, %d were sent again\n", count, again - count);
}

/* A SYN that is lost for want of an address must not be waited for. */
static void wait_until_listens(int seconds) {
    struct timespec pause = {0, 100 * 1000 * 1000};

    for (double end = now() + seconds; now() < end; nanosleep(&pause, NULL)) {
        int fd = begin_connect(), error = 0;
        struct pollfd p = {fd, POLLOUT, 0};
        socklen_t size = sizeof error;
        if (poll(&p, 1, 1000) > 0 && !getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) &&
            !error)
            exit(0);
        close(fd);
    }
    fprintf(stderr, "nobody listens there\n");
    exit(1);
}

int main(int argc, char **argv) {
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct rlimit files = {20000, 20000};
    int error;

    if (argc < 4)
        return 2;
    setrlimit(RLIMIT_NOFILE, &files);
    if ((error = getaddrinfo(argv[2], argv[3], &hints, &to))) {
        fprintf(stderr, "%s: %s\n", argv[2], gai_strerror(error));
        return 1;
    }
    uint64_t first = argc > 4 ? strtoull(argv[4], NULL, 10) : 0;
    int second = argc > 5 ? atoi(argv[5]) : 0;
    if (!strcmp(argv[1], "hold"))
        hold((int)first, second);
    else if (!strcmp(argv[1], "short"))
        short_ones((int)first, second);
    else if (!strcmp(argv[1], "get"))
        get(first);
    else if (!strcmp(argv[1], "put"))
        put(first);
    else if (!strcmp(argv[1], "udp"))
        datagrams((int)first, (size_t)second);
    else if (!strcmp(argv[1], "wait"))
        wait_until_listens((int)first);
    else if (!strcmp(argv[1], "quit"))
        close(ask('q', 0));
    else
        return 2;
    return 0;
}
