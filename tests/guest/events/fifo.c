/* SPDX-License-Identifier: MIT */
/* FIFOs: opening waits for the other end, or does not; then they are pipes. */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

static char path[] = "/tmp/fifoXXXXXX";

static short polled(int fd) {
    struct pollfd p = {.fd = fd, .events = POLLIN | POLLOUT};

    return poll(&p, 1, 0) >= 0 ? p.revents : -1;
}

static void test_without_waiting(void) {
    struct stat s;
    char c;

    CHECK_FAILS(open(path, O_WRONLY | O_NONBLOCK), ENXIO);
    int in = open(path, O_RDONLY | O_NONBLOCK);
    CHECK(in >= 0);
    CHECK_EQUAL(polled(in), 0); /* nobody has hung up */
    CHECK_EQUAL(read(in, &c, 1), 0);
    int out = open(path, O_WRONLY | O_NONBLOCK);
    CHECK(out >= 0);
    CHECK_FAILS(read(in, &c, 1), EAGAIN);
    CHECK_EQUAL(write(out, "ab", 2), 2);
    CHECK_EQUAL(read(in, &c, 1), 1);
    CHECK_EQUAL(c, 'a');
    close(out);
    CHECK_EQUAL(polled(in), POLLIN | POLLHUP);
    CHECK_EQUAL(read(in, &c, 1), 1);
    CHECK_EQUAL(read(in, &c, 1), 0);
    CHECK_EQUAL(polled(in), POLLHUP);
    out = open(path, O_WRONLY);
    CHECK_EQUAL(polled(in), 0);
    CHECK_EQUAL(fstat(out, &s), 0);
    CHECK(S_ISFIFO(s.st_mode));
    CHECK_EQUAL(s.st_mode & 0777, 0640);
    close(in);
    CHECK_EQUAL(polled(out), POLLOUT | POLLERR);
    close(out);
    int both = open(path, O_RDWR);
    CHECK_EQUAL(polled(both), POLLOUT);
    CHECK_EQUAL(write(both, "x", 1), 1);
    CHECK_EQUAL(polled(both), POLLIN | POLLOUT);
    CHECK_FAILS(lseek(both, 0, SEEK_SET), ESPIPE);
    close(both);
    in = open(path, O_RDONLY | O_NONBLOCK); /* nothing stays in it */
    CHECK_EQUAL(read(in, &c, 1), 0);
    close(in);
}

static void *write_line(void *unused) {
    struct timespec soon = {.tv_nsec = 3000000};

    (void)unused;
    nanosleep(&soon, NULL);
    int out = open(path, O_WRONLY);
    CHECK(out >= 0);
    CHECK_EQUAL(write(out, "line", 4), 4);
    close(out);
    return NULL;
}

static void *read_line(void *unused) {
    struct timespec soon = {.tv_nsec = 3000000};
    char line[10];

    (void)unused;
    nanosleep(&soon, NULL);
    int in = open(path, O_RDONLY);
    CHECK(in >= 0);
    CHECK_EQUAL(read(in, line, sizeof line), 4);
    CHECK_EQUAL(read(in, line, sizeof line), 0);
    close(in);
    return NULL;
}

static void test_waiting(void) {
    char line[10];
    pthread_t thread;

    for (int i = 0; i < 20; i++) {
        pthread_create(&thread, NULL, write_line, NULL);
        int in = open(path, O_RDONLY);
        CHECK_EQUAL(read(in, line, sizeof line), 4);
        CHECK_EQUAL(read(in, line, sizeof line), 0);
        pthread_join(thread, NULL);
        close(in);
        pthread_create(&thread, NULL, read_line, NULL);
        int out = open(path, O_WRONLY);
        CHECK_EQUAL(write(out, "line", 4), 4);
        close(out);
        pthread_join(thread, NULL);
    }
}

static volatile sig_atomic_t handled;
static sigjmp_buf jump;

static void on_signal(int signal) {
    (void)signal;
    handled++;
}

static void on_jump(int signal) {
    (void)signal;
    siglongjmp(jump, 1);
}

static void test_interrupted(void) {
    struct sigaction action = {.sa_handler = on_signal};
    struct itimerspec soon = {{0, 5000000}, {0, 5000000}}, off = {{0, 0}, {0, 0}};
    timer_t timer;

    CHECK_EQUAL(timer_create(CLOCK_MONOTONIC, NULL, &timer), 0);
    sigaction(SIGALRM, &action, NULL);
    timer_settime(timer, 0, &soon, NULL);
    CHECK_FAILS(open(path, O_RDONLY), EINTR);
    timer_settime(timer, 0, &off, NULL);
    CHECK(handled >= 1);
    CHECK_FAILS(open(path, O_WRONLY | O_NONBLOCK), ENXIO); /* it is no end */
    action.sa_handler = on_jump;
    sigaction(SIGALRM, &action, NULL);
    if (!sigsetjmp(jump, 1)) {
        timer_settime(timer, 0, &soon, NULL);
        open(path, O_RDONLY);
        CHECK(0);
    }
    timer_settime(timer, 0, &off, NULL);
    CHECK_FAILS(open(path, O_WRONLY | O_NONBLOCK), ENXIO);
    timer_delete(timer);
}

int main(void) {
    umask(0);
    CHECK(mkstemp(path) >= 0);
    CHECK_EQUAL(unlink(path), 0);
    CHECK_EQUAL(mkfifo(path, 0640), 0);
    CHECK_FAILS(mkfifo(path, 0640), EEXIST);
    test_without_waiting();
    test_waiting();
    test_interrupted();
    CHECK_EQUAL(unlink(path), 0);
    return checks_end();
}
