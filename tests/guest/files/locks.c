/* SPDX-License-Identifier: MIT */
/* Locks on files: flock, POSIX's of ranges, and those of open files. */
// stdout-from: checks
// native: -pthread
// vcpus: 1 2
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/time.h>
#include <unistd.h>

#include "../check.h"

static const char path[] = "/tmp/atman-locks";

static int open_it(int flags) {
    int fd = open(path, flags | O_CREAT, 0600);

    CHECK(fd >= 0);
    return fd;
}

static void test_flock(void) {
    int a = open_it(O_RDWR), b = open_it(O_RDONLY), c = dup(a);

    CHECK_EQUAL(flock(a, LOCK_SH), 0);
    CHECK_EQUAL(flock(b, LOCK_SH | LOCK_NB), 0);
    CHECK_FAILS(flock(a, LOCK_EX | LOCK_NB), EWOULDBLOCK);
    CHECK_EQUAL(flock(b, LOCK_EX | LOCK_NB), 0); /* a has lost its own by the failure */
    CHECK_FAILS(flock(c, LOCK_SH | LOCK_NB), EWOULDBLOCK);
    CHECK_EQUAL(flock(b, LOCK_UN), 0);
    CHECK_EQUAL(flock(b, LOCK_UN), 0);
    CHECK_EQUAL(flock(c, LOCK_EX | LOCK_NB), 0); /* the same open file as a */
    CHECK_EQUAL(flock(a, LOCK_EX | LOCK_NB), 0);
    close(c);
    CHECK_FAILS(flock(b, LOCK_SH | LOCK_NB), EWOULDBLOCK);
    close(a);
    CHECK_EQUAL(flock(b, LOCK_EX | LOCK_NB), 0);
    CHECK_FAILS(flock(b, 0), EINVAL);
    CHECK_FAILS(flock(b, LOCK_SH | LOCK_EX), EINVAL);
    CHECK_FAILS(flock(-1, LOCK_SH), EBADF);
    int reference = open(path, O_PATH);
    CHECK_FAILS(flock(reference, LOCK_SH), EBADF);
    close(reference);
    close(b);
    int directory = open("/tmp", O_RDONLY), again = open("/tmp", O_RDONLY);
    CHECK_EQUAL(flock(directory, LOCK_EX), 0);
    CHECK_FAILS(flock(again, LOCK_EX | LOCK_NB), EWOULDBLOCK);
    close(directory);
    close(again);
}

static struct flock range(int type, off_t start, off_t size) {
    return (struct flock){
        .l_type = (short)type, .l_whence = SEEK_SET, .l_start = start, .l_len = size};
}

static int set(int fd, int command, int type, off_t start, off_t size) {
    struct flock f = range(type, start, size);

    return fcntl(fd, command, &f);
}

static struct flock get(int fd, int command, int type, off_t start, off_t size) {
    struct flock f = range(type, start, size);

    CHECK_EQUAL(fcntl(fd, command, &f), 0);
    return f;
}

/* The process's locks never conflict with each other, and show to open files' ones. */
static void test_process(void) {
    int a = open_it(O_RDWR), b = open_it(O_RDWR);

    CHECK_EQUAL(set(a, F_SETLK, F_WRLCK, 0, 10), 0);
    CHECK_EQUAL(set(b, F_SETLK, F_WRLCK, 5, 10), 0);
    CHECK_EQUAL(get(b, F_GETLK, F_WRLCK, 0, 0).l_type, F_UNLCK);
    struct flock f = get(b, F_OFD_GETLK, F_RDLCK, 3, 1);
    CHECK_EQUAL(f.l_type, F_WRLCK);
    CHECK_EQUAL(f.l_pid, getpid());
    CHECK(f.l_start == 0 && f.l_len == 15 && f.l_whence == SEEK_SET);
    CHECK_EQUAL(set(a, F_SETLK, F_UNLCK, 4, 2), 0); /* a hole */
    f = get(b, F_OFD_GETLK, F_WRLCK, 0, 0);
    CHECK(f.l_start == 0 && f.l_len == 4);
    f = get(b, F_OFD_GETLK, F_WRLCK, 4, 0);
    CHECK(f.l_start == 6 && f.l_len == 9);
    CHECK_EQUAL(get(b, F_OFD_GETLK, F_WRLCK, 4, 2).l_type, F_UNLCK);
    CHECK_EQUAL(set(a, F_SETLK, F_RDLCK, 7, 2), 0); /* another kind in the middle */
    f = get(b, F_OFD_GETLK, F_WRLCK, 7, 1);
    CHECK(f.l_type == F_RDLCK && f.l_start == 7 && f.l_len == 2);
    CHECK_EQUAL(get(b, F_OFD_GETLK, F_RDLCK, 7, 2).l_type, F_UNLCK);
    f = get(b, F_OFD_GETLK, F_WRLCK, 9, 0);
    CHECK(f.l_type == F_WRLCK && f.l_start == 9 && f.l_len == 6);
    close(open_it(O_RDONLY)); /* any descriptor of it: all of the process's go */
    CHECK_EQUAL(get(b, F_OFD_GETLK, F_WRLCK, 0, 0).l_type, F_UNLCK);
    close(a);
    close(b);
}

static void test_open_file(void) {
    int a = open_it(O_RDWR), b = open_it(O_RDWR), c = dup(a);

    CHECK_EQUAL(set(a, F_OFD_SETLK, F_RDLCK, 100, 0), 0);
    CHECK_EQUAL(set(b, F_OFD_SETLK, F_RDLCK, 0, 0), 0);
    CHECK_FAILS(set(a, F_OFD_SETLK, F_WRLCK, 0, 1), EAGAIN);
    CHECK_FAILS(set(a, F_SETLK, F_WRLCK, 0, 1), EAGAIN);
    struct flock f = get(b, F_OFD_GETLK, F_WRLCK, 0, 0);
    CHECK(f.l_type == F_RDLCK && f.l_start == 100 && f.l_len == 0 && f.l_pid == -1);
    CHECK_EQUAL(set(b, F_OFD_SETLK, F_UNLCK, 0, 0), 0);
    CHECK_EQUAL(set(c, F_OFD_SETLK, F_WRLCK, 0, 0), 0); /* the same open file */
    f = get(b, F_GETLK, F_RDLCK, 500, 1);
    CHECK(f.l_type == F_WRLCK && f.l_pid == -1 && f.l_start == 0 && f.l_len == 0);
    close(a);
    CHECK_FAILS(set(b, F_OFD_SETLK, F_RDLCK, 0, 1), EAGAIN);
    close(c);
    CHECK_EQUAL(set(b, F_OFD_SETLK, F_RDLCK, 0, 1), 0);
    CHECK_EQUAL(flock(b, LOCK_EX | LOCK_NB), 0); /* of another world */
    close(b);
}

static void test_errors(void) {
    int r = open_it(O_RDONLY), w = open_it(O_WRONLY), rw = open_it(O_RDWR);
    struct flock f = range(F_RDLCK, 0, 1);

    CHECK_FAILS(set(r, F_SETLK, F_WRLCK, 0, 1), EBADF);
    CHECK_FAILS(set(w, F_SETLK, F_RDLCK, 0, 1), EBADF);
    CHECK_FAILS(set(rw, F_SETLK, 7, 0, 1), EINVAL);
    CHECK_FAILS(set(rw, F_SETLK, F_RDLCK, -1, 1), EINVAL);
    CHECK_FAILS(set(rw, F_SETLK, F_RDLCK, 5, -6), EINVAL);
    CHECK_EQUAL(set(rw, F_SETLK, F_RDLCK, 5, -5), 0);
    f.l_whence = 9;
    CHECK_FAILS(fcntl(rw, F_SETLK, &f), EINVAL);
    f.l_whence = SEEK_SET;
    f.l_pid = 1;
    CHECK_FAILS(fcntl(rw, F_OFD_SETLK, &f), EINVAL);
    CHECK_FAILS(fcntl(rw, F_GETLK, NULL), EFAULT);
    CHECK_FAILS(set(rw, F_GETLK, F_UNLCK, 0, 1), EINVAL);
    CHECK_EQUAL(ftruncate(rw, 100), 0);
    f = (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_END, .l_start = -10};
    CHECK_EQUAL(fcntl(rw, F_SETLK, &f), 0);
    f = get(w, F_OFD_GETLK, F_WRLCK, 50, 0);
    CHECK(f.l_start == 90 && f.l_len == 0);
    f = (struct flock){.l_type = F_UNLCK, .l_whence = SEEK_CUR};
    CHECK(lseek(rw, 95, SEEK_SET) == 95 && fcntl(rw, F_SETLK, &f) == 0);
    f = get(w, F_OFD_GETLK, F_WRLCK, 50, 0);
    CHECK(f.l_start == 90 && f.l_len == 5);
    close(r);
    close(w);
    close(rw);
}

static void handler(int signal) {
    (void)signal;
}

/* A wait is ended by a handler without SA_RESTART. */
static void test_interrupted(void) {
    int a = open_it(O_RDWR), b = open_it(O_RDWR);
    struct sigaction action = {.sa_handler = handler};
    struct itimerval soon = {.it_value = {.tv_usec = 50000},
                             .it_interval = {.tv_usec = 50000}};
    struct itimerval none = {.it_value = {0}};

    sigaction(SIGALRM, &action, NULL);
    CHECK_EQUAL(flock(a, LOCK_EX), 0);
    CHECK_EQUAL(set(a, F_OFD_SETLK, F_WRLCK, 0, 0), 0);
    setitimer(ITIMER_REAL, &soon, NULL);
    CHECK_FAILS(flock(b, LOCK_SH), EINTR);
    CHECK_FAILS(set(b, F_SETLKW, F_RDLCK, 0, 1), EINTR);
    CHECK_FAILS(set(b, F_OFD_SETLKW, F_RDLCK, 0, 1), EINTR);
    setitimer(ITIMER_REAL, &none, NULL);
    close(a);
    close(b);
}

enum { ROUNDS = 200, THREADS = 3 };

static int counter, inside;

static void *count(void *by_flock) {
    int fd = open_it(O_RDWR);

    for (int i = 0; i < ROUNDS; i++) {
        if (by_flock)
            CHECK_EQUAL(flock(fd, LOCK_EX), 0);
        else
            CHECK_EQUAL(set(fd, F_OFD_SETLKW, F_WRLCK, 10, 10), 0);
        CHECK_EQUAL(__atomic_add_fetch(&inside, 1, __ATOMIC_SEQ_CST), 1);
        int value = counter;
        sched_yield();
        counter = value + 1;
        __atomic_sub_fetch(&inside, 1, __ATOMIC_SEQ_CST);
        if (by_flock)
            flock(fd, LOCK_UN);
        else
            set(fd, F_OFD_SETLK, F_UNLCK, 0, 0);
    }
    close(fd);
    return NULL;
}

static void test_exclusion(void *by_flock) {
    pthread_t threads[THREADS];

    counter = 0;
    for (int i = 0; i < THREADS; i++)
        CHECK_EQUAL(pthread_create(&threads[i], NULL, count, by_flock), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    CHECK_EQUAL(counter, THREADS * ROUNDS);
}

int main(void) {
    unlink(path);
    test_flock();
    test_process();
    test_open_file();
    test_errors();
    test_interrupted();
    test_exclusion("flock");
    test_exclusion(NULL);
    unlink(path);
    return checks_end();
}
