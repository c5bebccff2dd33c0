/* SPDX-License-Identifier: MIT */
/* signalfd: what is pending for the thread or the process is read, and can be waited for. */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

static int fd;
static sigset_t set;

static short polled(void) {
    struct pollfd p = {.fd = fd, .events = POLLIN | POLLOUT};

    return poll(&p, 1, 0) >= 0 ? p.revents : -1;
}

static void test_kinds(void) {
    struct signalfd_siginfo s[4];
    sigset_t pending;
    timer_t timer;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
                             .sigev_signo = SIGRTMIN + 1,
                             .sigev_value.sival_int = 77};
    struct itimerspec soon = {.it_value.tv_nsec = 1000000};

    CHECK_EQUAL(sizeof s[0], 128);
    CHECK_FAILS(read(fd, s, sizeof s), EAGAIN);
    CHECK_FAILS(read(fd, s, 127), EINVAL);
    CHECK_EQUAL(polled(), 0);
    CHECK_EQUAL(kill(getpid(), SIGUSR1), 0);
    CHECK_EQUAL(polled(), POLLIN);
    CHECK_EQUAL(sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 5}), 0);
    CHECK_EQUAL(sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 6}), 0);
    CHECK_EQUAL(read(fd, s, sizeof s), 3 * 128);
    CHECK_EQUAL(s[0].ssi_signo, SIGUSR1);
    CHECK_EQUAL(s[0].ssi_code, SI_USER);
    CHECK_EQUAL(s[0].ssi_pid, getpid());
    CHECK_EQUAL(s[1].ssi_signo, SIGRTMIN);
    CHECK_EQUAL(s[1].ssi_code, SI_QUEUE);
    CHECK_EQUAL(s[1].ssi_int, 5);
    CHECK_EQUAL(s[2].ssi_int, 6);
    sigpending(&pending);
    CHECK(!sigismember(&pending, SIGUSR1) && !sigismember(&pending, SIGRTMIN));
    CHECK_EQUAL(raise(SIGUSR2), 0);
    CHECK_EQUAL(read(fd, s, 128), 128);
    CHECK_EQUAL(s[0].ssi_signo, SIGUSR2);
    CHECK_EQUAL(s[0].ssi_code, SI_TKILL);
    CHECK_EQUAL(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
    timer_settime(timer, 0, &soon, NULL);
    struct pollfd p = {.fd = fd, .events = POLLIN};
    CHECK_EQUAL(poll(&p, 1, -1), 1);
    CHECK_EQUAL(read(fd, s, sizeof s), 128);
    CHECK_EQUAL(s[0].ssi_signo, SIGRTMIN + 1);
    CHECK_EQUAL(s[0].ssi_code, SI_TIMER);
    CHECK_EQUAL(s[0].ssi_int, 77);
    timer_delete(timer);
}

static void *send_soon(void *signal) {
    usleep(5000);
    kill(getpid(), (int)(intptr_t)signal);
    return NULL;
}

static void test_waits(void) {
    struct signalfd_siginfo s;
    pthread_t thread;
    int ep = epoll_create1(0);
    struct epoll_event e = {.events = EPOLLIN};

    CHECK_EQUAL(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e), 0);
    pthread_create(&thread, NULL, send_soon, (void *)(intptr_t)SIGUSR1);
    CHECK_EQUAL(epoll_wait(ep, &e, 1, -1), 1);
    CHECK_EQUAL(read(fd, &s, sizeof s), 128);
    CHECK_EQUAL(s.ssi_signo, SIGUSR1);
    pthread_join(thread, NULL);
    CHECK_EQUAL(epoll_wait(ep, &e, 1, 0), 0);
    CHECK_EQUAL(fcntl(fd, F_SETFL, 0), 0);
    pthread_create(&thread, NULL, send_soon, (void *)(intptr_t)SIGUSR2);
    CHECK_EQUAL(read(fd, &s, sizeof s), 128);
    CHECK_EQUAL(s.ssi_signo, SIGUSR2);
    pthread_join(thread, NULL);
    CHECK_EQUAL(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
    close(ep);
}

static void test_change(void) {
    struct signalfd_siginfo s;
    sigset_t one;
    int fds[2];

    sigemptyset(&one);
    sigaddset(&one, SIGUSR2);
    sigaddset(&one, SIGKILL); /* is left out */
    CHECK_EQUAL(signalfd(fd, &one, 0), fd);
    raise(SIGUSR1);
    CHECK_EQUAL(polled(), 0);
    CHECK_FAILS(read(fd, &s, sizeof s), EAGAIN);
    CHECK_EQUAL(signalfd(fd, &set, 0), fd);
    CHECK_EQUAL(polled(), POLLIN);
    CHECK_EQUAL(read(fd, &s, sizeof s), 128);
    CHECK_EQUAL(pipe(fds), 0);
    CHECK_FAILS(signalfd(fds[0], &set, 0), EINVAL);
    CHECK_FAILS(signalfd(777, &set, 0), EBADF);
    CHECK_FAILS(signalfd(-1, &set, 1), EINVAL);
    CHECK_FAILS(syscall(SYS_signalfd4, -1, &set, 7, 0), EINVAL);
    CHECK_FAILS(write(fd, &s, sizeof s), EINVAL);
}

/* What is another thread's own is not read here. */
static void *raise_own(void *unused) {
    struct signalfd_siginfo s;

    (void)unused;
    raise(SIGUSR1);
    CHECK_EQUAL(polled(), POLLIN);
    CHECK_EQUAL(read(fd, &s, sizeof s), 128);
    raise(SIGUSR2); /* goes with the thread */
    return NULL;
}

static void test_threads(void) {
    struct signalfd_siginfo s;
    pthread_t thread;

    pthread_create(&thread, NULL, raise_own, NULL);
    pthread_join(thread, NULL);
    CHECK_FAILS(read(fd, &s, sizeof s), EAGAIN);
}

int main(void) {
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGUSR2);
    sigaddset(&set, SIGRTMIN);
    sigaddset(&set, SIGRTMIN + 1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    CHECK(fd >= 0);
    CHECK_EQUAL(fcntl(fd, F_GETFD), FD_CLOEXEC);
    test_kinds();
    test_waits();
    test_change();
    test_threads();
    return checks_end();
}
