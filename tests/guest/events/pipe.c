/* SPDX-License-Identifier: MIT */
/*
 * Pipes: what is written is read, in order; whole writes of up to PIPE_BUF bytes; the ends
 * of both sides; sizes; packets; errors.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "check.h"

enum { CAPACITY = 65536 };

static char big[CAPACITY * 4];
static int fds[2];
static void *volatile nowhere; /* NULL, which compilers would warn of */

static void make(int flags) {
    CHECK_EQUAL(pipe2(fds, flags), 0);
}

static void end(void) {
    close(fds[0]);
    close(fds[1]);
}

static int waiting(void) {
    int n = -1;

    CHECK_EQUAL(ioctl(fds[0], FIONREAD, &n), 0);
    return n;
}

static short polled(int fd) {
    struct pollfd p = {.fd = fd, .events = POLLIN | POLLOUT};

    return poll(&p, 1, 0) >= 0 ? p.revents : -1;
}

static void test_bytes(void) {
    char buffer[100];
    struct iovec out[] = {{"abc", 3}, {"", 0}, {"defg", 4}};
    struct iovec in[] = {{buffer, 2}, {buffer + 2, 90}};

    make(0);
    CHECK_EQUAL(write(fds[1], "hello", 5), 5);
    CHECK_EQUAL(write(fds[1], "", 0), 0);
    CHECK_EQUAL(waiting(), 5);
    CHECK_EQUAL(read(fds[0], buffer, 0), 0);
    CHECK_EQUAL(read(fds[0], buffer, 2), 2);
    CHECK_EQUAL(waiting(), 3);
    CHECK_EQUAL(read(fds[0], buffer + 2, 98), 3);
    CHECK(!memcmp(buffer, "hello", 5));
    CHECK_EQUAL(writev(fds[1], out, 3), 7);
    CHECK_EQUAL(readv(fds[0], in, 2), 7);
    CHECK(!memcmp(buffer, "abcdefg", 7));
    CHECK_FAILS(read(fds[1], buffer, 1), EBADF);
    CHECK_FAILS(write(fds[0], buffer, 1), EBADF);
    CHECK_FAILS(lseek(fds[0], 0, SEEK_SET), ESPIPE);
    CHECK_FAILS(write(fds[1], nowhere, 1), EFAULT);
    CHECK_EQUAL(waiting(), 0);
    CHECK_EQUAL(write(fds[1], "x", 1), 1);
    CHECK_FAILS(read(fds[0], nowhere, 1), EFAULT);
    CHECK_EQUAL(read(fds[0], buffer, 100), 1);
    end();
}

static void test_flags(void) {
    struct stat s;

    make(O_CLOEXEC | O_NONBLOCK);
    CHECK_EQUAL(fcntl(fds[0], F_GETFD), FD_CLOEXEC);
    CHECK_EQUAL(fcntl(fds[1], F_GETFD), FD_CLOEXEC);
    CHECK_EQUAL(fcntl(fds[0], F_GETFL), O_NONBLOCK | O_RDONLY);
    CHECK_EQUAL(fcntl(fds[1], F_GETFL), O_NONBLOCK | O_WRONLY);
    CHECK_EQUAL(fstat(fds[0], &s), 0);
    CHECK(S_ISFIFO(s.st_mode));
    CHECK_FAILS(read(fds[0], big, 1), EAGAIN);
    end();
    CHECK_FAILS(pipe2(fds, O_APPEND), EINVAL);
    CHECK_EQUAL(pipe(fds), 0);
    CHECK_EQUAL(fcntl(fds[0], F_GETFD), 0);
    CHECK_EQUAL(fcntl(fds[0], F_GETFL), O_RDONLY);
    end();
}

/* A full pipe, to the byte; then a page has to be free for one more. */
static void test_full(void) {
    make(O_NONBLOCK);
    CHECK_EQUAL(fcntl(fds[0], F_GETPIPE_SZ), CAPACITY);
    CHECK_EQUAL(polled(fds[1]), POLLOUT);
    CHECK_EQUAL(polled(fds[0]), 0);
    CHECK_EQUAL(write(fds[1], big, sizeof big), CAPACITY);
    CHECK_EQUAL(polled(fds[1]), 0);
    CHECK_EQUAL(polled(fds[0]), POLLIN);
    CHECK_FAILS(write(fds[1], big, 1), EAGAIN);
    CHECK_EQUAL(waiting(), CAPACITY);
    CHECK_EQUAL(read(fds[0], big, 4095), 4095);
    CHECK_FAILS(write(fds[1], big, 1), EAGAIN);
    CHECK_EQUAL(read(fds[0], big, 1), 1);
    CHECK_EQUAL(polled(fds[1]), POLLOUT);
    CHECK_EQUAL(write(fds[1], big, PIPE_BUF), PIPE_BUF);
    CHECK_EQUAL(read(fds[0], big, sizeof big), CAPACITY);
    long bytes = 0;
    while (write(fds[1], big, 1) == 1)
        bytes++;
    CHECK_EQUAL(bytes, CAPACITY);
    end();
}

static void test_sizes(void) {
    make(O_NONBLOCK);
    CHECK_EQUAL(fcntl(fds[1], F_SETPIPE_SZ, 5000), 8192);
    CHECK_EQUAL(fcntl(fds[0], F_GETPIPE_SZ), 8192);
    CHECK_EQUAL(write(fds[1], big, CAPACITY), 8192);
    CHECK_FAILS(fcntl(fds[1], F_SETPIPE_SZ, 4096), EBUSY);
    CHECK_EQUAL(fcntl(fds[1], F_SETPIPE_SZ, 1 << 20), 1 << 20);
    CHECK_EQUAL(write(fds[1], big, CAPACITY), CAPACITY);
    CHECK_EQUAL(waiting(), 8192 + CAPACITY);
    CHECK_EQUAL(read(fds[0], big, sizeof big), 8192 + CAPACITY);
    CHECK_EQUAL(fcntl(fds[1], F_SETPIPE_SZ, 1), 4096);
    int folder = open("/", O_RDONLY);
    CHECK_FAILS(fcntl(folder, F_GETPIPE_SZ), EBADF);
    close(folder);
    end();
}

static void test_ends(void) {
    signal(SIGPIPE, SIG_IGN);
    make(0);
    CHECK_EQUAL(write(fds[1], "xy", 2), 2);
    close(fds[1]);
    CHECK_EQUAL(polled(fds[0]), POLLIN | POLLHUP);
    CHECK_EQUAL(read(fds[0], big, 1), 1);
    CHECK_EQUAL(read(fds[0], big, 10), 1);
    CHECK_EQUAL(read(fds[0], big, 10), 0);
    CHECK_EQUAL(polled(fds[0]), POLLHUP);
    close(fds[0]);
    make(0);
    close(fds[0]);
    CHECK_EQUAL(polled(fds[1]), POLLOUT | POLLERR);
    CHECK_FAILS(write(fds[1], "x", 1), EPIPE);
    CHECK_EQUAL(write(fds[1], "x", 0), 0);
    close(fds[1]);
    signal(SIGPIPE, SIG_DFL);
}

static volatile sig_atomic_t broken;

static void on_broken(int signal) {
    broken = signal;
}

static void test_broken(void) {
    signal(SIGPIPE, on_broken);
    make(0);
    close(fds[0]);
    CHECK_FAILS(write(fds[1], "x", 1), EPIPE);
    CHECK_EQUAL(broken, SIGPIPE);
    close(fds[1]);
    signal(SIGPIPE, SIG_DFL);
}

static void test_packets(void) {
    char buffer[100];

    make(O_DIRECT | O_NONBLOCK);
    CHECK_EQUAL(write(fds[1], "one", 3), 3);
    CHECK_EQUAL(write(fds[1], "three", 5), 5);
    CHECK_EQUAL(read(fds[0], buffer, 2), 2); /* the rest of it is lost */
    CHECK_EQUAL(read(fds[0], buffer, sizeof buffer), 5);
    CHECK(!memcmp(buffer, "three", 5));
    CHECK_FAILS(read(fds[0], buffer, 1), EAGAIN);
    end();
}

/* Threads write records of different sizes that must arrive whole. */

enum { WRITERS = 3, RECORDS = 400, LONGEST = 300 };

static void *write_records(void *argument) {
    unsigned char record[LONGEST + 1];

    for (int i = 0; i < RECORDS; i++) {
        unsigned size = 1 + (unsigned)(i * 7 + (intptr_t)argument * 50) % (LONGEST - 2);
        memset(record, (int)(intptr_t)argument, sizeof record);
        record[0] = (unsigned char)(size / 256);
        record[1] = (unsigned char)size;
        struct iovec parts[] = {{record, 2}, {record + 2, size}};
        CHECK_EQUAL(writev(fds[1], parts, 2), size + 2);
    }
    return NULL;
}

static int read_whole(unsigned char *to, size_t size) {
    while (size) {
        long n = read(fds[0], to, size);
        if (n <= 0)
            return 0;
        to += n;
        size -= (size_t)n;
    }
    return 1;
}

static void test_records(void) {
    pthread_t threads[WRITERS];
    unsigned char record[LONGEST + 300];
    long records = 0, wrong = 0;

    make(0);
    CHECK_EQUAL(fcntl(fds[0], F_SETPIPE_SZ, 4096), 4096);
    for (intptr_t i = 0; i < WRITERS; i++)
        pthread_create(&threads[i], NULL, write_records, (void *)(i + 1));
    for (; records < WRITERS * RECORDS && read_whole(record, 2); records++) {
        unsigned size = record[0] * 256u + record[1];
        if (!CHECK(size <= LONGEST) || !CHECK(read_whole(record, size)))
            break;
        for (unsigned i = 1; i < size; i++)
            wrong += record[i] != record[0];
    }
    CHECK_EQUAL(records, WRITERS * RECORDS);
    CHECK_EQUAL(wrong, 0);
    for (int i = 0; i < WRITERS; i++)
        pthread_join(threads[i], NULL);
    CHECK_EQUAL(waiting(), 0);
    end();
}

/* One large write waits for its reader, and is done whole. */

static void *write_all(void *unused) {
    (void)unused;
    for (size_t i = 0; i < sizeof big; i++)
        big[i] = (char)(i * 31 + i / 251);
    CHECK_EQUAL(write(fds[1], big, sizeof big), sizeof big);
    close(fds[1]);
    return NULL;
}

static void test_large(void) {
    static char got[5000];
    pthread_t thread;
    size_t total = 0, wrong = 0;
    long n;

    make(0);
    pthread_create(&thread, NULL, write_all, NULL);
    while ((n = read(fds[0], got, 1 + total % sizeof got)) > 0)
        for (long i = 0; i < n; i++, total++)
            wrong += got[i] != (char)(total * 31 + total / 251);
    CHECK_EQUAL(total, sizeof big);
    CHECK_EQUAL(wrong, 0);
    pthread_join(thread, NULL);
    close(fds[0]);
}

/* A byte goes to and fro. */

static int back[2];

static void *answer(void *unused) {
    char c;

    (void)unused;
    while (read(fds[0], &c, 1) == 1) {
        c++;
        write(back[1], &c, 1);
    }
    return NULL;
}

static void test_ping_pong(void) {
    pthread_t thread;
    int wrong = 0;

    CHECK_EQUAL(pipe(back), 0);
    make(0);
    pthread_create(&thread, NULL, answer, NULL);
    for (int i = 0; i < 2000; i++) {
        char c = (char)i, got = 0;
        write(fds[1], &c, 1);
        read(back[0], &got, 1);
        wrong += got != (char)(c + 1);
    }
    CHECK_EQUAL(wrong, 0);
    close(fds[1]);
    pthread_join(thread, NULL);
    close(fds[0]);
    close(back[0]);
    close(back[1]);
}

int main(void) {
    test_bytes();
    test_flags();
    test_full();
    test_sizes();
    test_ends();
    test_broken();
    test_packets();
    test_records();
    test_large();
    test_ping_pong();
    return checks_end();
}
