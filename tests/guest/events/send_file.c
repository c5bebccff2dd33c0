/* SPDX-License-Identifier: MIT */
/* sendfile to a pipe and a socket waits for room, and is made again after a signal. */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "check.h"

enum { SIZE = 300000 };

static int ends[2];
static volatile sig_atomic_t handled;

static void on_signal(int signal) {
    (void)signal;
    handled++;
}

static void *read_all(void *unused) {
    static char got[5000];
    long total = 0, n, wrong = 0;

    (void)unused;
    usleep(20000);
    while ((n = read(ends[0], got, sizeof got)) > 0)
        for (long i = 0; i < n; i++, total++)
            wrong += got[i] != (char)(total / 7);
    CHECK_EQUAL(total, SIZE);
    CHECK_EQUAL(wrong, 0);
    return NULL;
}

static void test(int file) {
    struct itimerval soon = {.it_value.tv_usec = 4000};
    pthread_t thread;
    sigset_t set;
    off_t at = 0;

    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    pthread_create(&thread, NULL, read_all, NULL);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    setitimer(ITIMER_REAL, &soon, NULL);
    while (at < SIZE)
        if (!CHECK(sendfile(ends[1], file, &at, (size_t)(SIZE - at)) > 0))
            break;
    close(ends[1]);
    pthread_join(thread, NULL);
    close(ends[0]);
}

int main(void) {
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    static char data[SIZE];
    char name[] = "/tmp/sendXXXXXX";
    int file = mkstemp(name);

    sigaction(SIGALRM, &action, NULL);
    for (int i = 0; i < SIZE; i++)
        data[i] = (char)(i / 7);
    CHECK_EQUAL(write(file, data, SIZE), SIZE);
    CHECK_EQUAL(unlink(name), 0);
    CHECK_EQUAL(pipe(ends), 0);
    test(file);
    CHECK_EQUAL(handled, 1);
    CHECK_EQUAL(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    test(file);
    CHECK_EQUAL(handled, 2);
    return checks_end();
}
