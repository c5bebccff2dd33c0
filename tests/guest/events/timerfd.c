/* SPDX-License-Identifier: MIT */
/* timerfd: once and again and again, absolute and from now on, on each clock; never early. */
// native:
// stdout-from: checks
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

static const int64_t second = 1000000000, ms = 1000000;

static int64_t now(clockid_t clock) {
    struct timespec t;

    clock_gettime(clock, &t);
    return t.tv_sec * second + t.tv_nsec;
}

static struct itimerspec times(int64_t first, int64_t interval) {
    return (struct itimerspec){.it_value = {first / second, first % second},
                               .it_interval = {interval / second, interval % second}};
}

static void test_once(clockid_t clock) {
    uint64_t rung = 0;
    int fd = timerfd_create(clock, 0);
    struct itimerspec t = times(5 * ms, 0), old;

    CHECK(fd >= 0);
    int64_t began = now(CLOCK_MONOTONIC);
    CHECK_EQUAL(timerfd_settime(fd, 0, &t, NULL), 0);
    CHECK_EQUAL(read(fd, &rung, 8), 8);
    CHECK(now(CLOCK_MONOTONIC) - began >= 5 * ms);
    CHECK_EQUAL(rung, 1);
    int64_t until = now(clock) + 6 * ms;
    t = times(until, 0);
    CHECK_EQUAL(timerfd_settime(fd, TFD_TIMER_ABSTIME, &t, &old), 0);
    CHECK(!old.it_value.tv_sec && !old.it_value.tv_nsec);
    CHECK_EQUAL(read(fd, &rung, 8), 8);
    CHECK(now(clock) >= until);
    t = times(1, 0); /* long ago */
    CHECK_EQUAL(timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &t, NULL),
                0);
    CHECK_EQUAL(read(fd, &rung, 8), 8);
    CHECK_EQUAL(rung, 1);
    close(fd);
}

static void test_periodic(void) {
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    struct itimerspec t = times(3 * ms, 2 * ms), got;
    struct pollfd p = {.fd = fd, .events = POLLIN | POLLOUT};
    uint64_t rung, total = 0;

    CHECK_EQUAL(fcntl(fd, F_GETFD), FD_CLOEXEC);
    CHECK_EQUAL(fcntl(fd, F_GETFL), O_RDWR | O_NONBLOCK);
    CHECK_FAILS(read(fd, &rung, 8), EAGAIN);
    CHECK_EQUAL(poll(&p, 1, 0), 0);
    int64_t began = now(CLOCK_MONOTONIC);
    CHECK_EQUAL(timerfd_settime(fd, 0, &t, NULL), 0);
    while (total < 10) {
        CHECK_EQUAL(poll(&p, 1, -1), 1);
        CHECK_EQUAL(p.revents, POLLIN);
        CHECK_EQUAL(read(fd, &rung, 8), 8);
        total += rung;
        CHECK(now(CLOCK_MONOTONIC) - began >= (int64_t)(1 + total * 2) * ms);
    }
    CHECK_EQUAL(timerfd_gettime(fd, &got), 0);
    CHECK(got.it_value.tv_sec == 0 && got.it_value.tv_nsec <= 2 * ms);
    CHECK_EQUAL(got.it_interval.tv_nsec, 2 * ms);
    usleep(20000);
    CHECK_EQUAL(read(fd, &rung, 8), 8);
    CHECK(rung >= 5);
    t = times(0, 7 * ms);
    CHECK_EQUAL(timerfd_settime(fd, 0, &t, &got), 0);
    CHECK_EQUAL(got.it_interval.tv_nsec, 2 * ms);
    usleep(5000);
    CHECK_FAILS(read(fd, &rung, 8), EAGAIN);
    t = times(1 * ms, 0); /* what has rung is forgotten when it is set anew */
    CHECK_EQUAL(timerfd_settime(fd, 0, &t, NULL), 0);
    usleep(3000);
    t = times(1000 * second, 0);
    CHECK_EQUAL(timerfd_settime(fd, 0, &t, NULL), 0);
    CHECK_FAILS(read(fd, &rung, 8), EAGAIN);
    CHECK_EQUAL(timerfd_gettime(fd, &got), 0);
    CHECK(got.it_value.tv_sec <= 1000 && got.it_value.tv_sec > 900);
    close(fd);
}

static void test_edges(void) {
    int fd = timerfd_create(CLOCK_MONOTONIC, 0), ep = epoll_create1(0);
    struct itimerspec t = times(1 * ms, 1 * ms);
    struct epoll_event e = {.events = EPOLLIN | EPOLLET};
    uint64_t rung;

    CHECK_EQUAL(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e), 0);
    CHECK_EQUAL(timerfd_settime(fd, 0, &t, NULL), 0);
    for (int i = 0; i < 5; i++) {
        CHECK_EQUAL(epoll_wait(ep, &e, 1, -1), 1);
        CHECK_EQUAL(epoll_wait(ep, &e, 1, 5), 0); /* one edge until it is read */
        CHECK_EQUAL(read(fd, &rung, 8), 8);
        CHECK(rung >= 5);
    }
    close(fd);
    CHECK_EQUAL(epoll_wait(ep, &e, 1, 10), 0);
    close(ep);
}

static void test_errors(void) {
    struct itimerspec wrong = {.it_value.tv_nsec = second}, t = times(ms, 0);
    uint64_t value = 1;
    int fd = timerfd_create(CLOCK_MONOTONIC, 0), fds[2];

    CHECK_FAILS(timerfd_create(77, 0), EINVAL);
    CHECK_FAILS(timerfd_create(CLOCK_THREAD_CPUTIME_ID, 0), EINVAL);
    CHECK_FAILS(timerfd_create(CLOCK_MONOTONIC, 1), EINVAL);
    CHECK_FAILS(timerfd_settime(fd, 0, &wrong, NULL), EINVAL);
    CHECK_FAILS(timerfd_settime(fd, 8, &t, NULL), EINVAL);
    CHECK_FAILS(timerfd_settime(777, 0, &t, NULL), EBADF);
    CHECK_FAILS(timerfd_gettime(777, &t), EBADF);
    CHECK_EQUAL(pipe(fds), 0);
    CHECK_FAILS(timerfd_settime(fds[0], 0, &t, NULL), EINVAL);
    CHECK_FAILS(timerfd_gettime(fds[0], &t), EINVAL);
    CHECK_FAILS(write(fd, &value, 8), EINVAL);
    CHECK_FAILS(read(fd, &value, 7), EINVAL);
    close(fd);
}

int main(void) {
    test_once(CLOCK_MONOTONIC);
    test_once(CLOCK_REALTIME);
    test_once(CLOCK_BOOTTIME);
    test_periodic();
    test_edges();
    test_errors();
    return checks_end();
}
