/* SPDX-License-Identifier: MIT */
/*
 * epoll: level- and edge-triggered, one-shot, exclusive; epolls in epolls; what becomes of
 * descriptors that are closed; several threads that wait; errors.
 */
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
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

static int ep, fds[2];
static volatile int less_than_none = -1; /* compilers would warn */

static long control(int operation, int fd, unsigned events, uint64_t data) {
    struct epoll_event e = {.events = events, .data.u64 = data};

    return epoll_ctl(ep, operation, fd, &e);
}

/* The events of the one that is ready; its data must be that. 0: none is. */
static unsigned ready(uint64_t data) {
    struct epoll_event e[3];
    int n = epoll_wait(ep, e, 3, 0);

    if (n <= 0)
        return n ? ~0u : 0;
    CHECK_EQUAL(n, 1);
    CHECK_EQUAL(e[0].data.u64, data);
    return e[0].events;
}

static void begin(void) {
    ep = epoll_create1(0);
    CHECK(ep >= 0);
    CHECK_EQUAL(pipe(fds), 0);
}

static void end(void) {
    close(ep);
    close(fds[0]);
    close(fds[1]);
}

static void put(void) {
    CHECK_EQUAL(write(fds[1], "x", 1), 1);
}

static void get(void) {
    char c;

    CHECK_EQUAL(read(fds[0], &c, 1), 1);
}

static void test_level(void) {
    begin();
    CHECK_EQUAL(control(EPOLL_CTL_ADD, fds[0], EPOLLIN, 11), 0);
    CHECK_EQUAL(ready(11), 0);
    put();
    CHECK_EQUAL(ready(11), EPOLLIN);
    CHECK_EQUAL(ready(11), EPOLLIN);
    get();
    CHECK_EQUAL(ready(11), 0);
    CHECK_EQUAL(control(EPOLL_CTL_MOD, fds[0], EPOLLIN | EPOLLRDNORM, 12), 0);
    put();
    CHECK_EQUAL(ready(12), EPOLLIN | EPOLLRDNORM);
    CHECK_EQUAL(control(EPOLL_CTL_MOD, fds[0], 0, 12), 0);
    CHECK_EQUAL(ready(12), 0);
    CHECK_EQUAL(control(EPOLL_CTL_MOD, fds[0], EPOLLIN, 13), 0); /* it is looked at again */
    CHECK_EQUAL(ready(13), EPOLLIN);
    CHECK_EQUAL(control(EPOLL_CTL_DEL, fds[0], 0, 0), 0);
    CHECK_EQUAL(ready(13), 0);
    end();
}

static void test_edge(void) {
    begin();
    put();
    CHECK_EQUAL(control(EPOLL_CTL_ADD, fds[0], EPOLLIN | EPOLLET, 5), 0);
    CHECK_EQUAL(ready(5), EPOLLIN);
    CHECK_EQUAL(ready(5), 0);
    put(); /* more, though there was something */
    CHECK_EQUAL(ready(5), EPOLLIN);
    CHECK_EQUAL(ready(5), 0);
    get();
    CHECK_EQUAL(ready(5), 0);
    CHECK_EQUAL(control(EPOLL_CTL_MOD, fds[0], EPOLLIN | EPOLLET, 6), 0);
    CHECK_EQUAL(ready(6), EPOLLIN);
    close(fds[1]);
    CHECK_EQUAL(ready(6), EPOLLIN | EPOLLHUP);
    CHECK_EQUAL(ready(6), 0);
    end();
}

static void test_one_shot(void) {
    begin();
    CHECK_EQUAL(control(EPOLL_CTL_ADD, fds[0], EPOLLIN | EPOLLONESHOT, 5), 0);
    put();
    CHECK_EQUAL(ready(5), EPOLLIN);
    CHECK_EQUAL(ready(5), 0);
    put();
    CHECK_EQUAL(ready(5), 0);
    CHECK_EQUAL(control(EPOLL_CTL_MOD, fds[0], EPOLLIN | EPOLLONESHOT, 6), 0);
    CHECK_EQUAL(ready(6), EPOLLIN);
    close(fds[1]);
    CHECK_EQUAL(ready(6), 0);
    end();
}

static void test_errors(void) {
    struct epoll_event e = {.events = EPOLLIN};
    int file = open("/", O_RDONLY);

    begin();
    CHECK_FAILS(epoll_create1(1), EINVAL);
    CHECK_FAILS(epoll_create(0), EINVAL);
    CHECK_FAILS(epoll_ctl(ep, EPOLL_CTL_ADD, 777, &e), EBADF);
    CHECK_FAILS(epoll_ctl(777, EPOLL_CTL_ADD, fds[0], &e), EBADF);
    CHECK_FAILS(epoll_ctl(fds[0], EPOLL_CTL_ADD, fds[1], &e), EINVAL);
    CHECK_FAILS(epoll_ctl(ep, EPOLL_CTL_ADD, ep, &e), EINVAL);
    CHECK_FAILS(epoll_ctl(ep, 99, fds[0], &e), EINVAL);
    CHECK_FAILS(epoll_ctl(ep, EPOLL_CTL_DEL, fds[0], &e), ENOENT);
    CHECK_FAILS(epoll_ctl(ep, EPOLL_CTL_MOD, fds[0], &e), ENOENT);
    CHECK_FAILS(epoll_ctl(ep, EPOLL_CTL_ADD, fds[0], NULL), EFAULT);
    CHECK_EQUAL(epoll_ctl(ep, EPOLL_CTL_ADD, fds[0], &e), 0);
    CHECK_FAILS(epoll_ctl(ep, EPOLL_CTL_ADD, fds[0], &e), EEXIST);
    CHECK_EQUAL(epoll_ctl(ep, EPOLL_CTL_DEL, fds[0], NULL), 0);
    if (file >= 0)
        CHECK_FAILS(epoll_ctl(ep, EPOLL_CTL_ADD, file, &e), EPERM);
    CHECK_FAILS(epoll_wait(ep, &e, 0, 0), EINVAL);
    CHECK_FAILS(epoll_wait(ep, &e, less_than_none, 0), EINVAL);
    CHECK_FAILS(epoll_wait(fds[0], &e, 1, 0), EINVAL);
    CHECK_FAILS(epoll_wait(777, &e, 1, 0), EBADF);
    CHECK_EQUAL(
        epoll_ctl(ep, EPOLL_CTL_ADD, fds[1], &(struct epoll_event){.events = EPOLLOUT}), 0);
    CHECK_FAILS(syscall(SYS_epoll_wait, ep, 1, 1, 0), EFAULT);
    CHECK_EQUAL(epoll_wait(ep, &e, 1, 0), 1); /* it was not lost */
    close(file);
    end();
}

static void test_exclusive(void) {
    begin();
    CHECK_FAILS(control(EPOLL_CTL_MOD, fds[0], EPOLLIN | EPOLLEXCLUSIVE, 1), EINVAL);
    CHECK_FAILS(control(EPOLL_CTL_ADD, fds[0], EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT, 1),
                EINVAL);
    CHECK_EQUAL(control(EPOLL_CTL_ADD, fds[0], EPOLLIN | EPOLLEXCLUSIVE, 1), 0);
    CHECK_FAILS(control(EPOLL_CTL_MOD, fds[0], EPOLLIN, 1), EINVAL);
    put();
    CHECK_EQUAL(ready(1), EPOLLIN);
    end();
}

/* A descriptor's copy keeps it: it goes with the last one of the open file. */
static void test_close(void) {
    begin();
    CHECK_EQUAL(control(EPOLL_CTL_ADD, fds[0], EPOLLIN, 1), 0);
    int copy = dup(fds[0]);
    put();
    close(fds[0]);
    CHECK_EQUAL(ready(1), EPOLLIN);
    CHECK_FAILS(control(EPOLL_CTL_DEL, fds[0], 0, 0), EBADF);
    CHECK_EQUAL(control(EPOLL_CTL_ADD, copy, EPOLLIN, 2), 0); /* another key */
    struct epoll_event e[3];
    CHECK_EQUAL(epoll_wait(ep, e, 3, 0), 2);
    close(copy);
    CHECK_EQUAL(epoll_wait(ep, e, 3, 0), 0);
    close(fds[1]);
    close(ep);
}

static void test_nested(void) {
    enum { MOST = 7 };
    int chain[MOST], n = 1;
    struct epoll_event e = {.events = EPOLLIN, .data.u64 = 3};

    begin();
    int outer = epoll_create1(EPOLL_CLOEXEC);
    struct pollfd p = {.fd = outer, .events = POLLIN};
    CHECK_EQUAL(control(EPOLL_CTL_ADD, fds[0], EPOLLIN, 1), 0);
    CHECK_EQUAL(epoll_ctl(outer, EPOLL_CTL_ADD, ep, &e), 0);
    CHECK_FAILS(control(EPOLL_CTL_ADD, outer, EPOLLIN, 1), ELOOP);
    CHECK_EQUAL(poll(&p, 1, 0), 0);
    put();
    CHECK_EQUAL(poll(&p, 1, 0), 1);
    CHECK_EQUAL(epoll_wait(outer, &e, 1, 0), 1);
    CHECK_EQUAL(e.data.u64, 3);
    CHECK_EQUAL(ready(1), EPOLLIN);
    get();
    CHECK_EQUAL(epoll_wait(outer, &e, 1, 0), 0);
    CHECK_EQUAL(poll(&p, 1, 0), 0);
    close(outer);
    end();
    chain[0] = epoll_create1(0);
    for (; n < MOST; n++) {
        chain[n] = epoll_create1(0);
        e = (struct epoll_event){.events = EPOLLIN};
        if (epoll_ctl(chain[n], EPOLL_CTL_ADD, chain[n - 1], &e))
            break;
    }
    CHECK_EQUAL(errno, ELOOP);
    CHECK_EQUAL(n, 5);
    for (int i = 0; i <= n && i < MOST; i++)
        close(chain[i]);
    /* The other way: outermost first. */
    chain[0] = epoll_create1(0);
    for (n = 1; n < MOST; n++) {
        chain[n] = epoll_create1(0);
        e = (struct epoll_event){.events = EPOLLIN};
        if (epoll_ctl(chain[n - 1], EPOLL_CTL_ADD, chain[n], &e))
            break;
    }
    CHECK_EQUAL(n, 5);
    for (int i = 0; i <= n && i < MOST; i++)
        close(chain[i]);
}

/* More are ready than fit: each has its turn. */
static void test_turns(void) {
    enum { MANY = 10 };
    struct epoll_event e[3];
    int many[MANY], seen = 0;

    begin();
    for (int i = 0; i < MANY; i++) {
        many[i] = eventfd(1, 0);
        CHECK_EQUAL(control(EPOLL_CTL_ADD, many[i], EPOLLIN, (uint64_t)i), 0);
    }
    for (int i = 0; i < 4; i++) {
        int n = epoll_wait(ep, e, 3, -1);
        for (int k = 0; k < n; k++)
            seen |= 1 << e[k].data.u64;
    }
    CHECK_EQUAL(seen, (1 << MANY) - 1);
    for (int i = 0; i < MANY; i++)
        close(many[i]);
    CHECK_EQUAL(epoll_wait(ep, e, 3, 0), 0);
    end();
}

static int64_t now(void) {
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000 + t.tv_nsec;
}

static volatile sig_atomic_t handled;

static void on_signal(int signal) {
    (void)signal;
    handled++;
}

static void test_waits(void) {
    struct epoll_event e;
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    timer_t timer;
    struct itimerspec soon = {{0, 5000000}, {0, 5000000}}, off = {{0, 0}, {0, 0}};
    sigset_t set, none;

    begin();
    CHECK_EQUAL(control(EPOLL_CTL_ADD, fds[0], EPOLLIN, 1), 0);
    for (int ms = 1; ms < 20; ms += 6) {
        int64_t began = now();
        CHECK_EQUAL(epoll_wait(ep, &e, 1, ms), 0);
        CHECK(now() - began >= ms * 1000000);
        struct timespec t = {0, ms * 300000};
        began = now();
        CHECK_EQUAL(syscall(SYS_epoll_pwait2, ep, &e, 1, &t, NULL, 8), 0);
        CHECK(now() - began >= t.tv_nsec);
    }
    sigaction(SIGALRM, &action, NULL);
    CHECK_EQUAL(timer_create(CLOCK_MONOTONIC, NULL, &timer), 0);
    timer_settime(timer, 0, &soon, NULL);
    CHECK_FAILS(epoll_wait(ep, &e, 1, -1), EINTR);
    CHECK(handled >= 1);
    sigemptyset(&none);
    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int before = handled;
    CHECK_EQUAL(epoll_wait(ep, &e, 1, 30), 0);
    CHECK_EQUAL(handled, before);
    CHECK_FAILS(epoll_pwait(ep, &e, 1, -1, &none), EINTR);
    CHECK(handled > before);
    timer_settime(timer, 0, &off, NULL);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    timer_delete(timer);
    end();
}

/* Threads share the work: each event is one thread's, none is lost. */

enum { THREADS = 4, EVENTS = 600 };
static int events[EVENTS];
static long taken;
static unsigned edges;

static void *work(void *unused) {
    struct epoll_event e[2];
    int n;

    (void)unused;
    while ((n = epoll_wait(ep, e, 2, -1)) > 0) {
        for (int i = 0; i < n; i++) {
            uint64_t value = 0;
            if (e[i].data.u64 == EVENTS)
                return NULL; /* the end, for all */
            long got = read(events[e[i].data.u64], &value, 8);
            if (got == 8)
                __atomic_add_fetch(&taken, 1, __ATOMIC_SEQ_CST);
            else /* while it is ready others are told, too; but an edge is one thread's */
                CHECK(!edges && errno == EAGAIN);
        }
    }
    CHECK(0);
    return NULL;
}

static void test_threads(unsigned flags) {
    pthread_t threads[THREADS];
    uint64_t one = 1;
    int last = eventfd(0, 0);

    begin();
    taken = 0;
    edges = flags;
    for (int i = 0; i < EVENTS; i++) {
        events[i] = eventfd(0, EFD_NONBLOCK);
        CHECK_EQUAL(control(EPOLL_CTL_ADD, events[i], EPOLLIN | flags, (uint64_t)i), 0);
    }
    CHECK_EQUAL(control(EPOLL_CTL_ADD, last, EPOLLIN, EVENTS), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, work, NULL);
    for (int i = 0; i < EVENTS; i++)
        CHECK_EQUAL(write(events[i], &one, 8), 8);
    while (__atomic_load_n(&taken, __ATOMIC_SEQ_CST) < EVENTS)
        usleep(1000);
    CHECK_EQUAL(write(last, &one, 8), 8);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    CHECK_EQUAL(taken, EVENTS);
    for (int i = 0; i < EVENTS; i++)
        close(events[i]);
    close(last);
    end();
}

/* Descriptors come and go while others wait. */

static volatile int stop;

static void *wait_on(void *unused) {
    struct epoll_event e[8];

    (void)unused;
    while (!stop)
        epoll_wait(ep, e, 8, 1);
    return NULL;
}

static void test_coming_and_going(void) {
    pthread_t threads[2];
    uint64_t one = 1;

    begin();
    stop = 0;
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, wait_on, NULL);
    for (int i = 0; i < 1500; i++) {
        int fd = eventfd(0, 0), inner = epoll_create1(0);
        struct epoll_event e = {.events = EPOLLIN};
        CHECK_EQUAL(control(EPOLL_CTL_ADD, fd, EPOLLIN | (i % 2 ? EPOLLET : 0), 1), 0);
        CHECK_EQUAL(epoll_ctl(inner, EPOLL_CTL_ADD, fd, &e), 0);
        CHECK_EQUAL(control(EPOLL_CTL_ADD, inner, EPOLLIN, 2), 0);
        write(fd, &one, 8);
        if (i % 3)
            CHECK_EQUAL(control(EPOLL_CTL_DEL, fd, 0, 0), 0);
        if (i % 4) {
            close(fd);
            close(inner);
        } else {
            close(inner);
            close(fd);
        }
    }
    stop = 1;
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    CHECK_EQUAL(ready(0), 0);
    end();
}

int main(void) {
    test_level();
    test_edge();
    test_one_shot();
    test_errors();
    test_exclusive();
    test_close();
    test_nested();
    test_turns();
    test_waits();
    test_threads(0);
    test_threads(EPOLLET);
    test_coming_and_going();
    return checks_end();
}
