/* SPDX-License-Identifier: MIT */
/*
 * poll, ppoll, select, pselect: what is ready, waiting for one of many, time limits that
 * are never cut short, what is left of them, signals and masks.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

static const int64_t ms = 1000000;
static int fds[2];

static int64_t now(void) {
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 * ms + t.tv_nsec;
}

static void test_states(void) {
    struct pollfd p[4] = {{fds[0], POLLIN, 7},
                          {fds[1], POLLOUT | POLLIN, 7},
                          {-1, POLLIN, 7},
                          {777, POLLIN, 7}};

    CHECK_EQUAL(poll(p, 1, 0), 0);
    CHECK_EQUAL(p[0].revents, 0);
    CHECK_EQUAL(poll(p, 3, -1), 1);
    CHECK_EQUAL(p[1].revents, POLLOUT);
    CHECK_EQUAL(p[2].revents, 0);
    CHECK_EQUAL(poll(p, 4, -1), 2);
    CHECK_EQUAL(p[3].revents, POLLNVAL);
    p[3].fd = -1;
    CHECK_EQUAL(write(fds[1], "x", 1), 1);
    p[0].events = POLLIN | POLLRDNORM | POLLPRI;
    CHECK_EQUAL(poll(p, 4, -1), 2);
    CHECK_EQUAL(p[0].revents, POLLIN | POLLRDNORM);
    p[0].events = 0;
    CHECK_EQUAL(poll(p, 1, 0), 0);
    char c;
    CHECK_EQUAL(read(fds[0], &c, 1), 1);
}

/* What is open as a name only is nothing to wait for. */
static void test_path(void) {
    int path = open("/", O_PATH);
    struct pollfd p = {path, POLLIN, 7};

    CHECK_EQUAL(poll(&p, 1, 0), 1);
    CHECK_EQUAL(p.revents, POLLNVAL);
    close(path);
    path = open("/", O_RDONLY); /* but a folder is always ready */
    p = (struct pollfd){path, POLLIN | POLLOUT, 7};
    CHECK_EQUAL(poll(&p, 1, 0), 1);
    CHECK_EQUAL(p.revents, POLLIN | POLLOUT);
    close(path);
}

static void test_refused(void) {
    static struct pollfd many[2000];
    struct rlimit limit;
    struct timespec wrong = {0, 1000 * ms}, negative = {-1, 0};
    struct timeval bad = {-1, 0};
    fd_set set;

    CHECK_EQUAL(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = 1000;
    CHECK_EQUAL(setrlimit(RLIMIT_NOFILE, &limit), 0);
    for (int i = 0; i < 2000; i++)
        many[i].fd = -1;
    CHECK_EQUAL(poll(many, 1000, 0), 0);
    CHECK_FAILS(poll(many, 1001, 0), EINVAL);
    CHECK_FAILS(ppoll(many, 1, &wrong, NULL), EINVAL);
    CHECK_FAILS(ppoll(many, 1, &negative, NULL), EINVAL);
    CHECK_FAILS(syscall(SYS_ppoll, many, 1, NULL, &wrong, 4), EINVAL);
    CHECK_FAILS(syscall(SYS_poll, 1, 1, 0), EFAULT);
    CHECK_FAILS(syscall(SYS_select, -1, NULL, NULL, NULL, NULL), EINVAL);
    CHECK_FAILS(syscall(SYS_select, 0, NULL, NULL, NULL, &bad), EINVAL);
    FD_ZERO(&set);
    FD_SET(50, &set);
    CHECK_FAILS(select(51, &set, NULL, NULL, NULL), EBADF);
    CHECK_FAILS(pselect(0, NULL, NULL, NULL, &wrong, NULL), EINVAL);
}

static void test_select(void) {
    fd_set in, out, except;
    struct timeval zero = {0, 0};
    int most = fds[0] > fds[1] ? fds[0] : fds[1];

    FD_ZERO(&in);
    FD_ZERO(&out);
    FD_ZERO(&except);
    FD_SET(fds[0], &in);
    FD_SET(fds[1], &out);
    FD_SET(fds[0], &except);
    FD_SET(most + 1, &in); /* is not looked at */
    CHECK_EQUAL(select(most + 1, &in, &out, &except, NULL), 1);
    CHECK(!FD_ISSET(fds[0], &in) && FD_ISSET(fds[1], &out) && !FD_ISSET(fds[0], &except));
    CHECK_EQUAL(write(fds[1], "x", 1), 1);
    FD_SET(fds[0], &in);
    FD_SET(fds[1], &in);
    CHECK_EQUAL(select(most + 1, &in, &out, NULL, &zero), 2);
    CHECK(FD_ISSET(fds[0], &in) && !FD_ISSET(fds[1], &in) && FD_ISSET(fds[1], &out));
    char c;
    CHECK_EQUAL(read(fds[0], &c, 1), 1);
    CHECK_EQUAL(select(most + 1, &in, NULL, NULL, &zero), 0);
    CHECK(!FD_ISSET(fds[0], &in));
}

/* The end of a pipe with no other end: readable, with nothing exceptional about it. */
static void test_hangup(void) {
    struct timeval soon = {0, 2000};
    fd_set in, except;
    int ends[2];

    CHECK_EQUAL(pipe(ends), 0);
    close(ends[1]);
    FD_ZERO(&in);
    FD_ZERO(&except);
    FD_SET(ends[0], &in);
    FD_SET(ends[0], &except);
    CHECK_EQUAL(select(ends[0] + 1, &in, NULL, &except, NULL), 1);
    CHECK(FD_ISSET(ends[0], &in) && !FD_ISSET(ends[0], &except));
    FD_SET(ends[0], &except);
    CHECK_EQUAL(select(ends[0] + 1, NULL, NULL, &except, &soon), 0);
    close(ends[0]);
}

static void test_times(void) {
    struct pollfd p = {.fd = fds[0], .events = POLLIN};

    for (int i = 1; i < 30; i += 4) {
        int64_t began = now();
        CHECK_EQUAL(poll(i % 8 == 1 ? &p : NULL, i % 8 == 1, i), 0);
        CHECK(now() - began >= i * ms);
        struct timespec t = {0, i * ms / 7};
        began = now();
        CHECK_EQUAL(ppoll(&p, 1, &t, NULL), 0);
        CHECK(now() - began >= t.tv_nsec);
        struct timeval v = {0, i * 100};
        began = now();
        CHECK_EQUAL(select(0, NULL, NULL, NULL, &v), 0);
        CHECK(now() - began >= i * 100 * 1000);
        t = (struct timespec){0, i * ms / 3};
        began = now();
        CHECK_EQUAL(pselect(0, NULL, NULL, NULL, &t, NULL), 0);
        CHECK(now() - began >= i * ms / 3);
    }
}

/* What is left of the time is said. */
static void test_left(void) {
    struct pollfd p = {.fd = fds[1], .events = POLLOUT};
    struct timespec t = {50, 0};
    struct timeval v = {60, 0}, none = {0, 1000};
    uint64_t set = 1ul << fds[1];

    CHECK_EQUAL(syscall(SYS_ppoll, &p, 1, &t, NULL, 8), 1);
    CHECK(t.tv_sec >= 10 && t.tv_sec < 50 && t.tv_nsec >= 0 && t.tv_nsec < 1000 * ms);
    CHECK_EQUAL(syscall(SYS_select, fds[1] + 1, NULL, &set, NULL, &v), 1);
    CHECK(v.tv_sec >= 10 && v.tv_sec < 60 && v.tv_usec >= 0 && v.tv_usec < 1000000);
    t = (struct timespec){50, 0};
    CHECK_EQUAL(syscall(SYS_pselect6, fds[1] + 1, NULL, &set, NULL, &t, NULL), 1);
    CHECK(t.tv_sec >= 10 && t.tv_sec < 50);
    CHECK_EQUAL(syscall(SYS_select, 0, NULL, NULL, NULL, &none), 0);
    CHECK(!none.tv_sec && !none.tv_usec);
}

/* Another thread makes the last of many ready. */

enum { MANY = 150 };
static int many[MANY][2];

static void *write_soon(void *argument) {
    struct timespec t = {0, 5 * ms};

    nanosleep(&t, NULL);
    CHECK_EQUAL(write(many[(intptr_t)argument][1], "x", 1), 1);
    return NULL;
}

static void test_many(void) {
    struct pollfd p[MANY];
    pthread_t thread;
    char c;

    for (int i = 0; i < MANY; i++) {
        CHECK_EQUAL(pipe(many[i]), 0);
        p[i] = (struct pollfd){.fd = many[i][0], .events = POLLIN};
    }
    for (intptr_t i = 0; i < MANY; i += 37) {
        pthread_create(&thread, NULL, write_soon, (void *)i);
        CHECK_EQUAL(poll(p, MANY, -1), 1);
        CHECK_EQUAL(p[i].revents, POLLIN);
        CHECK_EQUAL(read(p[i].fd, &c, 1), 1);
        pthread_join(thread, NULL);
        fd_set in;
        FD_ZERO(&in);
        for (int k = 0; k < MANY; k++)
            FD_SET(many[k][0], &in);
        pthread_create(&thread, NULL, write_soon, (void *)i);
        CHECK_EQUAL(select(many[MANY - 1][1] + 1, &in, NULL, NULL, NULL), 1);
        CHECK(FD_ISSET(p[i].fd, &in));
        CHECK_EQUAL(read(p[i].fd, &c, 1), 1);
        pthread_join(thread, NULL);
    }
    for (int i = 0; i < MANY; i++) {
        close(many[i][0]);
        close(many[i][1]);
    }
}

/* Signals: poll is not made again, whatever the handler's flags. */

static volatile sig_atomic_t handled;
static pthread_t main_thread;
static volatile int stop;

static void on_signal(int signal) {
    (void)signal;
    handled++;
}

static void *send_signals(void *unused) {
    struct timespec t = {0, 3 * ms};

    (void)unused;
    while (!stop) {
        nanosleep(&t, NULL);
        pthread_kill(main_thread, SIGUSR1);
    }
    return NULL;
}

static void set_handler(void (*handler)(int), int flags) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};

    sigaction(SIGUSR1, &action, NULL);
}

static void test_interrupted(int flags) {
    struct pollfd p = {.fd = fds[0], .events = POLLIN, .revents = 9};
    struct timespec t = {100, 0};
    pthread_t thread;
    sigset_t blocked, none;
    fd_set in;

    set_handler(on_signal, flags);
    main_thread = pthread_self();
    stop = 0;
    pthread_create(&thread, NULL, send_signals, NULL);
    CHECK_FAILS(poll(&p, 1, -1), EINTR);
    CHECK_EQUAL(p.revents, 0);
    CHECK_FAILS(poll(NULL, 0, 100000), EINTR);
    FD_ZERO(&in);
    FD_SET(fds[0], &in);
    CHECK_FAILS(select(fds[0] + 1, &in, NULL, NULL, NULL), EINTR);
    CHECK(FD_ISSET(fds[0], &in));
    sigemptyset(&none);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &blocked, NULL);
    int before = handled;
    CHECK_EQUAL(poll(&p, 1, 20), 0);
    CHECK_EQUAL(handled, before);
    CHECK_FAILS(ppoll(&p, 1, &t, &none), EINTR);
    CHECK_FAILS(pselect(fds[0] + 1, &in, NULL, NULL, &t, &none), EINTR);
    CHECK(handled > before);
    before = handled;
    CHECK_EQUAL(poll(&p, 1, 10), 0); /* the mask is the old one again */
    CHECK_EQUAL(handled, before);
    stop = 1;
    pthread_join(thread, NULL);
    pthread_sigmask(SIG_UNBLOCK, &blocked, NULL);
}

/* What is ready comes first: the mask is not the call's any more when handlers run. */
static void test_ready_first(void) {
    struct pollfd p = {.fd = fds[1], .events = POLLOUT};
    sigset_t blocked, none, was;

    set_handler(on_signal, 0);
    sigemptyset(&none);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &blocked, NULL);
    int before = handled;
    raise(SIGUSR1);
    CHECK_EQUAL(ppoll(&p, 1, NULL, &none), 1);
    CHECK_EQUAL(handled, before);
    pthread_sigmask(SIG_UNBLOCK, &blocked, &was);
    CHECK(sigismember(&was, SIGUSR1) == 1);
    CHECK_EQUAL(handled, before + 1);
}

/* A handler that does not return leaves no reference behind: the pipe ends when closed. */

static sigjmp_buf jump;

static void on_jump(int signal) {
    (void)signal;
    siglongjmp(jump, 1);
}

static void test_jump(void) {
    int ends[2];
    pthread_t thread;
    char c;

    set_handler(on_jump, 0);
    for (volatile int i = 0; i < 3; i++) {
        CHECK_EQUAL(pipe(ends), 0);
        struct pollfd p = {.fd = ends[1], .events = 0};
        struct pollfd q = {.fd = ends[0], .events = POLLIN};
        struct pollfd both[2] = {p, q};
        stop = 0;
        if (!sigsetjmp(jump, 1)) {
            pthread_create(&thread, NULL, send_signals, NULL);
            if (i == 2)
                read(ends[0], &c, 1);
            else
                poll(both, 2, -1);
            CHECK(0);
        }
        sigset_t blocked;
        sigemptyset(&blocked);
        sigaddset(&blocked, SIGUSR1);
        pthread_sigmask(SIG_BLOCK, &blocked, NULL);
        stop = 1;
        pthread_join(thread, NULL);
        set_handler(on_signal, 0);
        pthread_sigmask(SIG_UNBLOCK, &blocked, NULL);
        set_handler(on_jump, 0);
        close(ends[1]);
        CHECK_EQUAL(read(ends[0], &c, 1), 0);
        close(ends[0]);
    }
}

int main(void) {
    CHECK_EQUAL(pipe(fds), 0);
    test_states();
    test_path();
    test_refused();
    test_select();
    test_hangup();
    test_times();
    test_left();
    test_many();
    test_interrupted(0);
    test_interrupted(SA_RESTART);
    test_ready_first();
    test_jump();
    return checks_end();
}
