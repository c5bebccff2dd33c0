/* SPDX-License-Identifier: MIT */
/*
 * Many connections at once, and many in a row, to a server of a few threads with epoll: no
 * answer is lost, and nothing of them is left.
 */
// vcpus: 1 2
// memory: 128M
// stdout-from: checks
// native: -pthread
// timeout: 240
#define _GNU_SOURCE
#include "net.h"

#include <sys/epoll.h>
#include <sys/resource.h>

enum { CROWD = 1000, ROUNDS = 3, SHORT = 1500, SERVERS = 2 };

static int listener, set;
static volatile int stops, served;

static void follow(int fd, unsigned events) {
    struct epoll_event event = {.events = events, .data.fd = fd};

    CHECK(!epoll_ctl(set, EPOLL_CTL_ADD, fd, &event));
}

static void take_all(void) {
    int fd;

    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0)
        follow(fd, EPOLLIN | EPOLLET | EPOLLONESHOT);
    CHECK_EQUAL(errno, EAGAIN);
}

/* Each byte is answered by the next one. */
static void answer(int fd) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLET | EPOLLONESHOT, .data.fd = fd};
    unsigned char buffer[64];
    ssize_t n;

    while ((n = read(fd, buffer, sizeof buffer)) > 0) {
        for (ssize_t i = 0; i < n; i++)
            buffer[i]++;
        CHECK_EQUAL(write(fd, buffer, (size_t)n), n);
        __atomic_add_fetch(&served, (int)n, __ATOMIC_SEQ_CST);
    }
    if (n < 0 && errno == EAGAIN) {
        CHECK(!epoll_ctl(set, EPOLL_CTL_MOD, fd, &event));
        return;
    }
    CHECK_EQUAL(n, 0);
    close(fd);
}

static void *serve(void *unused) {
    struct epoll_event events[16];

    while (!load(&stops)) {
        int n = epoll_wait(set, events, 16, 100);
        for (int i = 0; i < n; i++)
            if (events[i].data.fd == listener)
                take_all();
            else
                answer(events[i].data.fd);
    }
    return unused;
}

static int call(void) {
    struct sockaddr_in to = loop4(port_of(listener));
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (!CHECK(fd >= 0) || !CHECK(!connect(fd, AS(to))))
        return -1;
    return fd;
}

static void ask(int fd, unsigned char byte) {
    CHECK_EQUAL(write(fd, &byte, 1), 1);
}

static void expect(int fd, unsigned char byte) {
    unsigned char got = 0;

    CHECK_EQUAL(read(fd, &got, 1), 1);
    CHECK_EQUAL(got, (unsigned char)(byte + 1));
}

static void test_crowd(void) {
    static int fds[CROWD];

    for (unsigned i = 0; i < CROWD; i++)
        fds[i] = call();
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (unsigned i = 0; i < CROWD; i++)
            ask(fds[i], (unsigned char)(i + round));
        for (unsigned i = 0; i < CROWD; i++)
            expect(fds[i], (unsigned char)(i + round));
    }
    for (unsigned i = 0; i < CROWD; i++)
        close(fds[i]);
}

static void test_short(void) {
    for (unsigned i = 0; i < SHORT; i++) {
        int fd = call();
        ask(fd, (unsigned char)i);
        expect(fd, (unsigned char)i);
        close(fd);
    }
}

int main(void) {
    struct rlimit limit = {4096, 4096};
    pthread_t servers[SERVERS];

    setrlimit(RLIMIT_NOFILE, &limit);
    set = epoll_create1(0);
    listener = listen4(512);
    fcntl(listener, F_SETFL, O_NONBLOCK);
    follow(listener, EPOLLIN);
    for (unsigned i = 0; i < SERVERS; i++)
        pthread_create(&servers[i], NULL, serve, NULL);
    RUN(test_crowd);
    RUN(test_short);
    store(&stops, 1);
    for (unsigned i = 0; i < SERVERS; i++)
        pthread_join(servers[i], NULL);
    CHECK_EQUAL(served, CROWD * ROUNDS + SHORT);
    return checks_end();
}
