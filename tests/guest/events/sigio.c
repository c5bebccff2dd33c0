/* SPDX-License-Identifier: MIT */
/*
 * O_ASYNC: a signal when a pipe, a FIFO or a socket can be read or written, to whom
 * F_SETOWN and F_SETOWN_EX say and which F_SETSIG says. Signals are blocked, and waited
 * for.
 */
// native: -pthread
// stdout-from: native
// vcpus: 1 2
#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>

#include "files/say.h"

struct owner {
    int kind, id;
};

enum { GET_OWNER = 16, SET_OWNER = 15, GET_SIGNAL = 11, SET_SIGNAL = 10 };

static sigset_t all;

/* The next signal, or none within the time, which is long only if one is to come. */
static int next(int fd, int milliseconds) {
    struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000l};
    siginfo_t info;
    int signal = sigtimedwait(&all, &info, &time);

    if (signal < 0)
        printf("  none: %s\n", error_name(errno));
    else if (signal == SIGIO)
        printf("  SIGIO, code %x\n", (unsigned)info.si_code);
    else
        printf("  %s, code %d, band %lx, that file: %d\n",
               signal == SIGRTMIN + 1 ? "real-time" : "another", info.si_code,
               (long)info.si_band, info.si_fd == fd);
    return signal;
}

static void drain(void) {
    struct timespec now = {0};

    while (sigtimedwait(&all, NULL, &now) >= 0)
        ;
}

static void set_async(int fd, int on) {
    int flags = fcntl(fd, F_GETFL);

    SAY(fcntl(fd, F_SETFL, on ? flags | O_ASYNC : flags & ~O_ASYNC));
    SAY(!!(fcntl(fd, F_GETFL) & O_ASYNC));
}

static void try_pair(const char *name, int in, int out) {
    static char data[300000];
    char c;

    printf("-- %s\n", name);
    SAY(fcntl(in, F_GETOWN));
    SAY(fcntl(in, F_SETOWN, getpid()));
    SAY(fcntl(in, F_GETOWN) == getpid());
    SAY(write(out, "a", 1));
    next(in, 20); /* not yet */
    SAY(read(in, &c, 1));
    set_async(in, 1);
    SAY(write(out, "b", 1));
    next(in, 5000);
    SAY(read(in, &c, 1));
    SAY(fcntl(in, SET_SIGNAL, SIGRTMIN + 1));
    SAY(fcntl(in, GET_SIGNAL) == SIGRTMIN + 1);
    drain();
    SAY(write(out, "c", 1));
    next(in, 5000);
    SAY(read(in, &c, 1));
    drain();
    set_async(in, 0);
    SAY(write(out, "d", 1));
    next(in, 20);
    SAY(read(in, &c, 1));
    printf("-- %s, writing\n", name);
    SAY(fcntl(out, F_SETFL, fcntl(out, F_GETFL) | O_NONBLOCK));
    SAY(fcntl(out, F_SETOWN, getpid()));
    SAY(fcntl(out, SET_SIGNAL, SIGRTMIN + 1));
    set_async(out, 1);
    drain();
    while (write(out, data, 4096) > 0)
        ;
    drain();
    int flags = fcntl(in, F_GETFL);
    fcntl(in, F_SETFL, flags | O_NONBLOCK);
    while (read(in, data, sizeof data) > 0)
        ;
    fcntl(in, F_SETFL, flags);
    next(out, 5000);
    drain();
    set_async(out, 0);
}

static int ends[2];
static volatile int tid;
static pthread_barrier_t barrier;

static void *wait_here(void *unused) {
    tid = (int)syscall(SYS_gettid);
    pthread_barrier_wait(&barrier);
    next(ends[0], 5000);
    return unused;
}

static void try_owners(void) {
    struct owner owner;
    pthread_t thread;
    char c;

    printf("-- owners\n");
    SAY(fcntl(ends[0], SET_SIGNAL, 0));
    set_async(ends[0], 1);
    SAY(fcntl(ends[0], F_SETOWN, 0));
    SAY(write(ends[1], "x", 1));
    next(ends[0], 20);
    pthread_barrier_init(&barrier, NULL, 2);
    pthread_create(&thread, NULL, wait_here, NULL);
    pthread_barrier_wait(&barrier);
    owner = (struct owner){0, tid};
    SAY(fcntl(ends[0], SET_OWNER, &owner));
    owner = (struct owner){7, 7};
    SAY(fcntl(ends[0], GET_OWNER, &owner));
    SAY(owner.kind == 0 && owner.id == tid);
    long n = write(ends[1], "y", 1);
    pthread_join(thread, NULL);
    SAY(n);
    next(ends[0], 20); /* it was the thread's alone */
    owner = (struct owner){1, getpid()};
    SAY(fcntl(ends[0], SET_OWNER, &owner));
    SAY(write(ends[1], "z", 1));
    next(ends[0], 5000);
    drain();
    SAY(fcntl(ends[0], F_SETOWN, -getpgrp()));
    SAY(fcntl(ends[0], GET_OWNER, &owner));
    SAY(owner.kind == 2 && owner.id == getpgrp());
    owner = (struct owner){3, getpid()};
    SAY(fcntl(ends[0], SET_OWNER, &owner));
    SAY(fcntl(ends[0], SET_OWNER, (void *)8));
    SAY(fcntl(ends[0], F_SETOWN, 0x3fffffff));
    SAY(fcntl(ends[0], SET_SIGNAL, 65));
    SAY(fcntl(ends[0], SET_SIGNAL, -1));
    SAY(fcntl(ends[0], F_SETOWN, getpid()));
    printf("-- by ioctl\n");
    int on = 0;
    SAY(ioctl(ends[0], FIOASYNC, &on));
    SAY(!!(fcntl(ends[0], F_GETFL) & O_ASYNC));
    SAY(write(ends[1], "x", 1));
    next(ends[0], 20);
    on = 1;
    SAY(ioctl(ends[0], FIOASYNC, &on));
    SAY(write(ends[1], "x", 1));
    next(ends[0], 5000);
    drain();
    while (read(ends[0], &c, 1) == 1 && ioctl(ends[0], FIONREAD, &on) == 0 && on)
        ;
    close(ends[0]);
    close(ends[1]);
    next(0, 20);
}

int main(void) {
    int sockets[2], counter = eventfd(0, 0);

    place_make();
    sigemptyset(&all);
    sigaddset(&all, SIGIO);
    sigaddset(&all, SIGRTMIN + 1);
    sigprocmask(SIG_BLOCK, &all, NULL);
    if (pipe(ends) || socketpair(AF_UNIX, SOCK_STREAM, 0, sockets))
        return 1;
    try_pair("a pipe", ends[0], ends[1]);
    try_pair("a socket", sockets[0], sockets[1]);
    SAY(mkfifo("fifo", 0600));
    int in = open("fifo", O_RDONLY | O_NONBLOCK), out = open("fifo", O_WRONLY);
    fcntl(in, F_SETFL, 0);
    try_pair("a FIFO", in, out);
    close(in);
    close(out);
    try_owners();
    printf("-- what has none\n");
    set_async(counter, 1);
    write_text("file", "text");
    in = open("file", O_RDONLY);
    set_async(in, 1);
    close(in);
    return place_end();
}
