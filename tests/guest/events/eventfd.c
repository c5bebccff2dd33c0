/* SPDX-License-Identifier: MIT */
/* eventfd: as a number and as a semaphore, full and empty, and between threads. */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "check.h"

static short polled(int fd) {
    struct pollfd p = {.fd = fd, .events = POLLIN | POLLOUT};

    return poll(&p, 1, 0) >= 0 ? p.revents : -1;
}

static void test_number(void) {
    uint64_t value = 0, more[2] = {0};
    int fd = eventfd(3, EFD_NONBLOCK | EFD_CLOEXEC);

    CHECK(fd >= 0);
    CHECK_EQUAL(fcntl(fd, F_GETFD), FD_CLOEXEC);
    CHECK_EQUAL(fcntl(fd, F_GETFL), O_RDWR | O_NONBLOCK);
    CHECK_EQUAL(polled(fd), POLLIN | POLLOUT);
    CHECK_EQUAL(read(fd, more, sizeof more), 8);
    CHECK_EQUAL(more[0], 3);
    CHECK_EQUAL(polled(fd), POLLOUT);
    CHECK_FAILS(read(fd, &value, 8), EAGAIN);
    CHECK_FAILS(read(fd, &value, 7), EINVAL);
    CHECK_FAILS(write(fd, &value, 7), EINVAL);
    value = UINT64_MAX;
    CHECK_FAILS(write(fd, &value, 8), EINVAL);
    value--;
    CHECK_EQUAL(write(fd, &value, 8), 8);
    CHECK_EQUAL(polled(fd), POLLIN);
    value = 0;
    CHECK_EQUAL(write(fd, &value, 8), 8);
    value = 1;
    CHECK_FAILS(write(fd, &value, 8), EAGAIN);
    CHECK_EQUAL(read(fd, &value, 8), 8);
    CHECK(value == UINT64_MAX - 1);
    value = 5;
    CHECK_EQUAL(write(fd, &value, 8), 8);
    CHECK_EQUAL(write(fd, &value, 8), 8);
    CHECK_EQUAL(read(fd, &value, 8), 8);
    CHECK_EQUAL(value, 10);
    close(fd);
    CHECK_FAILS(eventfd(0, 0x40000000), EINVAL);
}

static void test_semaphore(void) {
    uint64_t value = 2;
    int fd = eventfd(1, EFD_SEMAPHORE | EFD_NONBLOCK);

    CHECK_EQUAL(write(fd, &value, 8), 8);
    for (int i = 0; i < 3; i++) {
        CHECK_EQUAL(read(fd, &value, 8), 8);
        CHECK_EQUAL(value, 1);
    }
    CHECK_FAILS(read(fd, &value, 8), EAGAIN);
    close(fd);
}

/* Readers and writers wait for one another; what is taken is what was given. */

enum { THREADS = 3, ROUNDS = 500 };
static int fd;
static uint64_t taken;

static void *take(void *unused) {
    uint64_t value;

    (void)unused;
    while (read(fd, &value, 8) == 8 && value < 1000000)
        __atomic_add_fetch(&taken, value, __ATOMIC_SEQ_CST);
    return NULL;
}

static void *give(void *unused) {
    uint64_t one = 1;

    (void)unused;
    for (int i = 0; i < ROUNDS; i++)
        CHECK_EQUAL(write(fd, &one, 8), 8);
    return NULL;
}

static void test_threads(int flags) {
    pthread_t takers[THREADS], givers[THREADS];
    uint64_t end = UINT64_MAX - 1, one = 1;

    taken = 0;
    fd = eventfd(0, flags);
    for (int i = 0; i < THREADS; i++)
        pthread_create(&takers[i], NULL, take, NULL);
    for (int i = 0; i < THREADS; i++)
        pthread_create(&givers[i], NULL, give, NULL);
    for (int i = 0; i < THREADS; i++)
        pthread_join(givers[i], NULL);
    while (__atomic_load_n(&taken, __ATOMIC_SEQ_CST) < THREADS * ROUNDS)
        usleep(100);
    if (flags) { /* nothing ends a semaphore's readers but an end that all see */
        for (int i = 0; i < THREADS; i++)
            pthread_cancel(takers[i]);
    } else {
        for (int i = 0; i < THREADS; i++)
            CHECK_EQUAL(write(fd, &end, 8), 8); /* waits until there is room for it */
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(takers[i], NULL);
    CHECK_EQUAL(taken, THREADS * ROUNDS);
    CHECK_EQUAL(write(fd, &one, 8), 8);
    close(fd);
}

int main(void) {
    test_number();
    test_semaphore();
    test_threads(0);
    test_threads(EFD_SEMAPHORE);
    return checks_end();
}
