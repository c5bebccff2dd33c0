/* SPDX-License-Identifier: MIT */
/*
 * Datagrams to a socket whose queue is full of somebody else's: who only waits until it can
 * be written to, by poll or epoll, is told when there is room.
 */
// native: -pthread
// stdout-from: native
// vcpus: 1 2
#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "files/say.h"

static struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "\0atman-crowd-"};
static int server;

static int make_client(void) {
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

    if (connect(fd, (void *)&name, sizeof name))
        printf("connect: %s\n", error_name(errno));
    return fd;
}

static int fill(int fd) {
    int n = 0;

    while (send(fd, "x", 1, 0) == 1)
        n++;
    return n;
}

static int drain(void) {
    char c;
    int n = 0;

    while (recv(server, &c, 1, MSG_DONTWAIT) == 1)
        n++;
    return n;
}

static void *drain_later(void *unused) {
    usleep(50000);
    drain();
    return unused;
}

int main(void) {
    struct pollfd poller = {.events = POLLOUT};
    struct epoll_event event = {.events = EPOLLOUT | EPOLLET};
    pthread_t thread;

    /* other runs of this may be at it */
    snprintf(name.sun_path + 13, 16, "%d", (int)getpid());
    server = socket(AF_UNIX, SOCK_DGRAM, 0);
    SAY(bind(server, (void *)&name, sizeof name));
    int filler = make_client();
    poller.fd = make_client();
    int epoll = epoll_create1(0);
    SAY(fill(filler) > 0);
    SAY(poll(&poller, 1, 0));
    SAY(send(poller.fd, "y", 1, 0));
    SAY(epoll_ctl(epoll, EPOLL_CTL_ADD, poller.fd, &event));
    SAY(epoll_wait(epoll, &event, 1, 0));
    pthread_create(&thread, NULL, drain_later, NULL);
    SAY(poll(&poller, 1, 10000));
    SAY(poller.revents);
    SAY(epoll_wait(epoll, &event, 1, 10000));
    pthread_join(thread, NULL);
    printf("-- many who wait, some of whom go\n");
    int clients[20];
    for (int i = 0; i < 20; i++)
        clients[i] = make_client();
    SAY(fill(filler) > 0);
    for (int i = 0; i < 20; i++) {
        poller.fd = clients[i];
        if (poll(&poller, 1, 0))
            printf("%d can be written to\n", i);
    }
    for (int i = 0; i < 20; i += 2)
        close(clients[i]);
    SAY(drain() > 0);
    for (int i = 1; i < 20; i += 2) {
        poller.fd = clients[i];
        if (poll(&poller, 1, 10000) != 1)
            printf("%d cannot be written to\n", i);
        close(clients[i]);
    }
    poller.fd = make_client();
    SAY(fill(filler) > 0);
    SAY(poll(&poller, 1, 0));
    pthread_create(&thread, NULL, drain_later, NULL);
    pthread_join(thread, NULL);
    close(server); /* with nobody left in its queue */
    SAY(poll(&poller, 1, 0));
    SAY(send(poller.fd, "y", 1, 0));
    return 0;
}
