/* SPDX-License-Identifier: MIT */
/* A queue that is full takes no more; who asks again gets in when there is room. */
// stdout-from: checks
// native: -pthread
// timeout: 120
#define _GNU_SOURCE
#include "net.h"

enum { FIT = 2, CALLS = 3 };

static int call(int listener) {
    struct sockaddr_in to = loop4(port_of(listener));
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

    CHECK_FAILS(connect(fd, AS(to)), EINPROGRESS);
    return fd;
}

static void test_full(void) {
    int listener = listen4(FIT - 1), calls[CALLS], taken = 0;

    for (int i = 0; i < CALLS; i++)
        calls[i] = call(listener);
    for (int i = 0; i < FIT; i++)
        CHECK_EQUAL(poll_one(calls[i], POLLOUT, 10000), POLLOUT);
    for (int i = FIT; i < CALLS; i++)
        CHECK_EQUAL(poll_one(calls[i], POLLOUT, 0), 0);
    while (taken < CALLS && poll_one(listener, POLLIN, 60000) == POLLIN) {
        int fd = accept(listener, NULL, NULL);
        CHECK(fd >= 0);
        close(fd);
        taken++;
    }
    CHECK_EQUAL(taken, CALLS);
    for (int i = 0; i < CALLS; i++)
        close(calls[i]);
    close(listener);
}

/* Those that wait are reset when the listener goes. */
static void test_closed(void) {
    int listener = listen4(4), calls[3];
    char byte;

    for (int i = 0; i < 3; i++) {
        calls[i] = call(listener);
        CHECK_EQUAL(poll_one(calls[i], POLLOUT, 10000), POLLOUT);
    }
    close(listener);
    for (int i = 0; i < 3; i++) {
        CHECK(poll_one(calls[i], POLLIN, 10000) & POLLERR);
        CHECK_FAILS(read(calls[i], &byte, 1), ECONNRESET);
        close(calls[i]);
    }
}

/* One that was reset before it was accepted is accepted all the same. */
static void test_reset_before(void) {
    struct linger hard = {1, 0};
    int listener = listen4(4), fd = call(listener), other;
    char byte;

    CHECK_EQUAL(poll_one(fd, POLLOUT, 10000), POLLOUT);
    CHECK(!setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard));
    close(fd);
    other = accept(listener, NULL, NULL);
    CHECK(other >= 0);
    CHECK_FAILS(read(other, &byte, 1), ECONNRESET);
    close(other);
    close(listener);
}

int main(void) {
    RUN(test_full);
    RUN(test_closed);
    RUN(test_reset_before);
    return checks_end();
}
