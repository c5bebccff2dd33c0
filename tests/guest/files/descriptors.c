/* SPDX-License-Identifier: MIT */
/*
 * Descriptors: dup, dup2, dup3, fcntl, close_range, and the limits RLIMIT_NOFILE and
 * RLIMIT_FSIZE.
 */
// native:
// stdout-from: native
// vcpus: 1 2
#define _GNU_SOURCE
#include <signal.h>
#include <sys/resource.h>

#include "files/say.h"

static void try_dup(void) {
    char text[4];
    int a = open("f", O_RDWR | O_CREAT | O_CLOEXEC, 0600), b = SAY(dup(a));

    SAY(fcntl(a, F_GETFD));
    SAY(fcntl(b, F_GETFD));
    SAY(write(a, "abc", 3));
    SAY(write(b, "def", 3)); /* one position */
    SAY(lseek(a, 0, SEEK_CUR));
    SAY(lseek(b, 1, SEEK_SET));
    SAY(read(a, text, 2));
    SAY(fcntl(a, F_SETFL, O_APPEND)); /* one set of flags */
    SAY(fcntl(b, F_GETFL) & O_APPEND);
    SAY(close(a));
    SAY(read(b, text, 2));
    SAY(dup2(b, 20));
    SAY(dup2(b, 20));
    SAY(dup2(b, b));
    SAY(dup2(99, 99));
    SAY(dup2(99, 21));
    SAY(dup2(b, -1));
    SAY(dup2(b, 1 << 20));
    SAY(dup2(b, 1024));
    SAY(dup2(b, 1023));
    SAY(CALL(dup3, (long)b, 21l, (long)O_CLOEXEC));
    SAY(fcntl(21, F_GETFD));
    SAY(CALL(dup3, (long)b, (long)b, 0l));
    SAY(CALL(dup3, (long)b, 21l, 1l));
    SAY(CALL(dup3, 99l, 99l, 0l));
    SAY(dup(99));
    SAY(dup(-1));
    SAY(fcntl(b, F_DUPFD, 20));
    SAY(fcntl(b, F_DUPFD_CLOEXEC, 0));
    SAY(fcntl(b, F_DUPFD, 1024));
    SAY(fcntl(b, F_DUPFD, -1));
    SAY(fcntl(b, F_DUPFD, 1023));
    SAY(fcntl(b, F_DUPFD, 1022));
    SAY(fcntl(22, F_SETFD, FD_CLOEXEC));
    SAY(fcntl(22, F_GETFD));
    SAY(fcntl(22, F_SETFD, 0));
    SAY(fcntl(22, F_GETFD));
    SAY(fcntl(22, F_SETFD, 77));
    SAY(fcntl(22, F_GETFD));
    SAY(fcntl(99, F_GETFD));
    SAY(fcntl(b, 9999));
    SAY(CALL(close_range, 20l, 30l, 0l));
    SAY(fcntl(20, F_GETFD));
    SAY(fcntl(22, F_GETFD));
    SAY(CALL(close_range, 30l, 20l, 0l));
    SAY(CALL(close_range, 20l, 30l, 1l));
    SAY(dup2(b, 40));
    SAY(CALL(close_range, 35l, 45l, 4l));
    SAY(fcntl(40, F_GETFD));
    SAY(CALL(close_range, 3l, 0xffffffffl, 0l));
    SAY(fcntl(40, F_GETFD));
    SAY(fcntl(b, F_GETFD));
    SAY(close(b));
    SAY(close(-1));
    SAY(open("f", O_RDONLY));
    SAY(close(3));
}

static void set_limit(int which, unsigned long value) {
    struct rlimit limit;

    getrlimit(which, &limit);
    limit.rlim_cur = value;
    if (setrlimit(which, &limit))
        said("setrlimit", -1);
}

static void try_most(void) {
    int last = -1, fd, count = 0;

    set_limit(RLIMIT_NOFILE, 200);
    while ((fd = open("f", O_RDONLY)) >= 0) {
        last = fd;
        count++;
    }
    said("open", fd);
    printf("%d, the last %d\n", count, last);
    SAY(dup(3));
    SAY(dup2(3, 200));
    SAY(dup2(3, 199));
    SAY(fcntl(3, F_DUPFD, 199));
    SAY(fcntl(3, F_DUPFD, 200));
    SAY(mkdir("d", 0700));
    SAY(open("new", O_RDWR | O_CREAT, 0600)); /* and the file is not made … */
    SAY(access("new", F_OK));
    SAY(close(77));
    SAY(open("f", O_RDONLY));
    set_limit(RLIMIT_NOFILE, 100); /* those beyond stay open */
    SAY(read(150, &(char){0}, 1));
    SAY(dup2(3, 150));
    SAY(close(150));
    SAY(dup2(3, 150));
    SAY(close(50));
    SAY(open("f", O_RDONLY));
    SAY(dup(3));
    set_limit(RLIMIT_NOFILE, 1000);
    SAY(dup(3));
    SAY(dup(3));
    SAY(CALL(close_range, 3l, 999l, 0l));
    set_limit(RLIMIT_NOFILE, 1024);
}

static volatile int signals;

static void count(int number) {
    signals += number == SIGXFSZ;
}

static void try_size(void) {
    int fd = open("f", O_RDWR | O_TRUNC);
    char data[100];

    memset(data, 'x', sizeof data);
    signal(SIGXFSZ, count);
    set_limit(RLIMIT_FSIZE, 1000);
    SAY(pwrite(fd, data, 100, 850));
    SAY(pwrite(fd, data, 100, 950)); /* in part */
    SAY(signals);
    SAY(pwrite(fd, data, 100, 1000));
    SAY(signals);
    SAY(pwrite(fd, data, 0, 1000));
    SAY(pwrite(fd, data, 100, 5000));
    SAY(signals);
    SAY(lseek(fd, 0, SEEK_END));
    SAY(write(fd, data, 1));
    SAY(signals);
    SAY(ftruncate(fd, 1000));
    SAY(ftruncate(fd, 1001));
    SAY(signals);
    SAY(truncate("f", 5000));
    SAY(signals);
    SAY(fallocate(fd, 0, 0, 2000));
    SAY(signals);
    set_limit(RLIMIT_FSIZE, 500); /* what is there stays, and can be overwritten below */
    SAY(pwrite(fd, data, 100, 450));
    SAY(pwrite(fd, data, 100, 600));
    SAY(signals);
    SAY(ftruncate(fd, 900));
    SAY(signals);
    SAY(ftruncate(fd, 950));
    SAY(signals);
    int other = open("g", O_RDWR | O_CREAT, 0600);
    SAY(copy_file_range(fd, &(off_t){0}, other, NULL, 900, 0));
    SAY(signals);
    SAY(copy_file_range(fd, &(off_t){0}, other, NULL, 900, 0));
    SAY(signals);
    set_limit(RLIMIT_FSIZE, RLIM_INFINITY);
    SAY(ftruncate(fd, 10000));
    close(fd);
    close(other);
}

int main(void) {
    place_make();
    set_limit(RLIMIT_NOFILE, 1024);
    try_dup();
    try_most();
    try_size();
    return place_end();
}
