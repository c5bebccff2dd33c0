/* SPDX-License-Identifier: MIT */
/*
 * A hundred thousand descriptors in one epoll, nearly all of them idle: who is ready is
 * found, whoever it is, and what is closed is forgotten.
 */
// memory: 192M
// stdout-from: checks
// timeout: 120
#define _GNU_SOURCE
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "check.h"

enum { MANY = 100000, ROUNDS = 2000 };

static int fds[MANY];

int main(void) {
    struct rlimit limit = {MANY + 100, MANY + 100};
    struct epoll_event e[8];
    uint64_t value = 1;
    int failed = 0;

    CHECK_EQUAL(setrlimit(RLIMIT_NOFILE, &limit), 0);
    int ep = epoll_create1(0);
    for (int i = 0; i < MANY; i++) {
        fds[i] = eventfd(0, EFD_NONBLOCK);
        e[0] = (struct epoll_event){.events = EPOLLIN, .data.u32 = (uint32_t)i};
        failed += fds[i] < 0 || epoll_ctl(ep, EPOLL_CTL_ADD, fds[i], e) != 0;
    }
    if (!CHECK_EQUAL(failed, 0))
        return checks_end();
    CHECK_EQUAL(epoll_wait(ep, e, 8, 0), 0);
    for (int i = 0; i < ROUNDS; i++) {
        unsigned a = (unsigned)i * 40503u % MANY, b = (a + 1 + (unsigned)i % 1000) % MANY;
        write(fds[a], &value, 8);
        write(fds[b], &value, 8);
        int n = epoll_wait(ep, e, 8, -1);
        failed += n != 2 || e[0].data.u32 != a || e[1].data.u32 != b;
        read(fds[a], &value, 8);
        read(fds[b], &value, 8);
        e[0] =
            (struct epoll_event){.events = EPOLLIN | (i % 2 ? EPOLLET : 0), .data.u32 = a};
        failed += epoll_ctl(ep, EPOLL_CTL_MOD, fds[a], e) != 0;
    }
    CHECK_EQUAL(failed, 0);
    for (int i = 0; i < MANY; i += 2)
        close(fds[i]);
    for (int i = 0; i < MANY; i++)
        if (i % 2 == 0)
            failed += epoll_ctl(ep, EPOLL_CTL_DEL, fds[i], NULL) != -1 || errno != EBADF;
        else
            failed += epoll_ctl(ep, EPOLL_CTL_DEL, fds[i], NULL) != 0;
    CHECK_EQUAL(failed, 0);
    CHECK_EQUAL(epoll_wait(ep, e, 8, 0), 0);
    return checks_end();
}
