/* SPDX-License-Identifier: MIT */
/* Pipes between two threads, and epoll with one descriptor that is ready among idle ones.
 */
#include "op.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef __atman__
#    include <sys/mount.h>
#endif

static int there[2], back[2];

static void *answer(void *nothing) {
    char byte;

    while (read(there[0], &byte, 1) == 1)
        if (write(back[1], &byte, 1) != 1)
            op_fail("write", errno);
    return nothing;
}

static void pipe_prepare(unsigned long count) {
    pthread_t thread;

    (void)count;
    if (pipe(there) || pipe(back))
        op_fail("pipe", errno);
    int error = pthread_create(&thread, NULL, answer, NULL);
    if (error)
        op_fail("pthread_create", error);
}

static void pipe_run(unsigned long count) {
    char byte = 1;

    while (count--)
        if (write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1)
            op_fail("pipe", errno);
}

static int epoll, ready;

/* Linux allows as many watches as fit into 4 % of memory, if it is not told otherwise. */
static void allow_watches(void) {
#ifndef __atman__
    static const char most[] = "1000000";

    mkdir("/proc", 0755);
    mount("proc", "/proc", "proc", 0, NULL);
    int fd = open("/proc/sys/fs/epoll/max_user_watches", O_WRONLY);
    if (fd < 0 || write(fd, most, sizeof most - 1) < 0)
        op_fail("max_user_watches", errno);
    close(fd);
#endif
}

/* Idle ones are eventfds that nobody writes to. */
static void epoll_prepare(unsigned idle) {
    struct rlimit limit = {idle + 100, idle + 100};
    struct epoll_event event = {.events = EPOLLIN};

    allow_watches();
    if (setrlimit(RLIMIT_NOFILE, &limit))
        op_fail("setrlimit", errno);
    epoll = epoll_create1(0);
    for (unsigned i = 0; i <= idle; i++) {
        ready = eventfd(0, 0);
        if (epoll < 0 || ready < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, ready, &event))
            op_fail("epoll", errno);
    }
}

static void epoll_10_prepare(unsigned long count) {
    (void)count;
    epoll_prepare(10);
}

static void epoll_1k_prepare(unsigned long count) {
    (void)count;
    epoll_prepare(1000);
}

static void epoll_100k_prepare(unsigned long count) {
    (void)count;
    epoll_prepare(100000);
}

static void epoll_run(unsigned long count) {
    struct epoll_event events[8];
    uint64_t one = 1;

    while (count--) {
        if (write(ready, &one, sizeof one) != sizeof one)
            op_fail("write", errno);
        if (epoll_wait(epoll, events, 8, -1) != 1)
            op_fail("epoll_wait", errno);
        if (read(ready, &one, sizeof one) != sizeof one)
            op_fail("read", errno);
    }
}

const struct op op_pipe = {"pipe", 1, 2000, pipe_prepare, pipe_run, 100};
const struct op op_epoll_10 = {"epoll_10", 1, 2000, epoll_10_prepare, epoll_run, 100};
const struct op op_epoll_1k = {"epoll_1k", 1, 2000, epoll_1k_prepare, epoll_run, 100};
const struct op op_epoll_100k = {"epoll_100k", 1, 2000, epoll_100k_prepare, epoll_run, 100};
