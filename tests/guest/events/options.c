/* SPDX-License-Identifier: MIT */
/* Options of sockets, and requests that all descriptors take. */
// native:
// stdout-from: native
#define _GNU_SOURCE
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include "files/say.h"

static const struct {
    const char *name;
    int number;
} options[] = {
    {"TYPE", SO_TYPE},
    {"DOMAIN", SO_DOMAIN},
    {"PROTOCOL", SO_PROTOCOL},
    {"ERROR", SO_ERROR},
    {"ACCEPTCONN", SO_ACCEPTCONN},
    {"REUSEADDR", SO_REUSEADDR},
    {"KEEPALIVE", SO_KEEPALIVE},
    {"PASSCRED", SO_PASSCRED},
    {"BROADCAST", SO_BROADCAST},
    {"none", 9999},
};

static void get_all(int fd) {
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        int value = -1;
        socklen_t size = sizeof value;
        printf("%s ", options[i].name);
        if (!SAY(getsockopt(fd, SOL_SOCKET, options[i].number, &value, &size)))
            printf("%d, %u bytes\n", value, size);
    }
}

static void set_all(int fd) {
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        int one = 1;
        printf("%s ", options[i].name);
        SAY(setsockopt(fd, SOL_SOCKET, options[i].number, &one, sizeof one));
    }
}

static void try_sizes(int fd) {
    int value = 0;
    char byte = 0;
    socklen_t size = 1;

    SAY(getsockopt(fd, SOL_SOCKET, SO_TYPE, &byte, &size));
    SAY(byte);
    SAY(size);
    size = 100;
    SAY(getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &size));
    SAY(size);
    size = (socklen_t)-1;
    SAY(getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &size));
    SAY(getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, (socklen_t *)8));
    size = sizeof value;
    SAY(getsockopt(fd, SOL_SOCKET, SO_TYPE, (void *)8, &size));
    SAY(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &value, 1));
    SAY(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, (void *)8, sizeof value));
    SAY(getsockopt(fd, 6, 1, &value, &size));
    SAY(setsockopt(0, SOL_SOCKET, SO_REUSEADDR, &value, sizeof value));
    SAY(setsockopt(99, SOL_SOCKET, SO_REUSEADDR, &value, sizeof value));
}

/* Buffers: what is asked for is doubled. */
static void try_buffers(int fd) {
    int value = 20000;
    socklen_t size = sizeof value;

    SAY(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &value, sizeof value));
    SAY(getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &value, &size));
    SAY(value);
    value = 30000;
    SAY(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &value, sizeof value));
    SAY(getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &value, &size));
    SAY(value);
}

static void try_times(int fd) {
    struct timeval wanted = {0, 20000}, is = {9, 9};
    socklen_t size = sizeof is;
    char bytes[4096] = {0};
    long n = 0;

    SAY(getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &is, &size));
    SAY(is.tv_sec + is.tv_usec);
    SAY(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wanted, sizeof wanted));
    SAY(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wanted, sizeof wanted));
    SAY(getsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &is, &size));
    SAY(is.tv_sec == 0 && is.tv_usec >= 20000 && is.tv_usec <= 24000);
    SAY(read(fd, bytes, 1));
    SAY(recv(fd, bytes, 1, 0));
    while ((n = write(fd, bytes, sizeof bytes)) > 0)
        ;
    SAY(n);
    SAY(send(fd, bytes, sizeof bytes, 0));
    wanted.tv_usec = 1000000;
    SAY(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wanted, sizeof wanted));
    SAY(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wanted, 4));
}

/* The peer's: who made the pair. */
static void try_peer(int fd) {
    struct ucred who = {0, 9, 9};
    socklen_t size = sizeof who;

    SAY(getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size));
    SAY(who.pid == getpid() && who.uid == getuid() && who.gid == getgid());
}

static void try_requests(const char *what, int fd) {
    int on = 1, off = 0, count = -1;
    char bytes[4];

    printf("-- %s\n", what);
    SAY(ioctl(fd, FIONBIO, &on));
    SAY(!!(fcntl(fd, F_GETFL) & O_NONBLOCK));
    SAY(read(fd, bytes, 4));
    SAY(ioctl(fd, FIONBIO, &off));
    SAY(!!(fcntl(fd, F_GETFL) & O_NONBLOCK));
    SAY(ioctl(fd, FIONBIO, (void *)8));
    SAY(ioctl(fd, FIOCLEX));
    SAY(fcntl(fd, F_GETFD));
    SAY(ioctl(fd, FIONCLEX));
    SAY(fcntl(fd, F_GETFD));
    SAY(ioctl(fd, FIONREAD, &count));
    SAY(count);
}

int main(void) {
    int pair[2], ends[2], listener = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "l"};

    place_make();
    SAY(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    get_all(pair[0]);
    set_all(pair[0]);
    get_all(pair[0]);
    SAY(bind(listener, (struct sockaddr *)&name, sizeof name));
    SAY(listen(listener, 1));
    get_all(listener);
    try_sizes(pair[0]);
    try_buffers(pair[0]);
    try_peer(pair[1]);
    try_times(pair[0]);
    try_requests("socket", pair[0]);
    SAY(pipe(ends));
    try_requests("pipe", ends[0]);
    try_requests("eventfd", eventfd(0, 0));
    try_requests("datagrams", socket(AF_UNIX, SOCK_DGRAM, 0));
    SAY(ioctl(99, FIONBIO, &name));
    SAY(ioctl(99, FIOCLEX));
    return place_end();
}
