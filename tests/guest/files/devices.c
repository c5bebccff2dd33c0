/* SPDX-License-Identifier: MIT */
/* The devices: each with each call, descriptors by name, and shared memory by name. */
// native:
// stdout-from: native
#define _GNU_SOURCE
#include <poll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <termios.h>

#include "files/say.h"

static char bytes[8192];

/* What a read brought: nothing is "none", all zeros "zeros", and else it is "some". */
static const char *kind(long n) {
    for (long i = 0; i < n; i++)
        if (bytes[i])
            return "some";
    return n > 0 ? "zeros" : "none";
}

static void try_reads(int fd) {
    struct iovec parts[] = {{bytes, 100}, {bytes + 100, 4000}};

    memset(bytes, 0, sizeof bytes);
    printf("%s\n", kind(SAY(read(fd, bytes, sizeof bytes))));
    SAY(read(fd, bytes, 0));
    SAY(read(fd, (char *)8, 16));
    SAY(readv(fd, parts, 2));
    SAY(pread(fd, bytes, 100, 1l << 40));
    SAY(pread(fd, bytes, 100, -1));
}

static void try_writes(int fd) {
    struct iovec parts[] = {{bytes, 100}, {bytes + 100, 4000}};

    SAY(write(fd, bytes, 5));
    SAY(write(fd, bytes, 0));
    SAY(writev(fd, parts, 2));
    SAY(pwrite(fd, bytes, 100, 1l << 40));
}

static void try_positions(int fd) {
    SAY(lseek(fd, 100, SEEK_SET));
    SAY(lseek(fd, 0, SEEK_CUR));
    SAY(lseek(fd, 0, SEEK_END));
    SAY(lseek(fd, 0, SEEK_HOLE));
    SAY(lseek(fd, 0, 77));
    SAY(ftruncate(fd, 0));
    SAY(fallocate(fd, 0, 0, 10));
    SAY(fsync(fd));
}

static void try_others(int fd) {
    struct pollfd poller = {fd, POLLIN | POLLOUT | POLLPRI, 0};
    struct termios settings;
    struct stat s;
    int count = -1;

    SAY(poll(&poller, 1, 0));
    SAY(poller.revents);
    SAY(tcgetattr(fd, &settings));
    SAY(ioctl(fd, TIOCGWINSZ, bytes));
    SAY(ioctl(fd, 0x12345678, &count));
    SAY(flock(fd, LOCK_EX | LOCK_NB));
    SAY(fstat(fd, &s));
    printf("%o %u:%u %ld\n", s.st_mode & S_IFMT, major(s.st_rdev), minor(s.st_rdev),
           (long)s.st_size);
    SAY(fcntl(fd, F_GETFL) & O_ACCMODE);
}

static void try_opens(const char *path) {
    SAY_CLOSE(open(path, O_RDONLY | O_DIRECTORY));
    SAY_CLOSE(open(path, O_RDWR | O_CREAT | O_EXCL, 0600));
    SAY_CLOSE(open(path, O_RDWR | O_CREAT | O_TRUNC, 0600));
    SAY_CLOSE(open(path, O_RDWR | O_APPEND | O_NONBLOCK));
    SAY(truncate(path, 0));
    SAY(access(path, R_OK | W_OK));
    SAY(access(path, X_OK));
    SAY(mkdir(path, 0700));
    SAY(rmdir(path));
}

static void try_device(const char *path) {
    int fd = SAY_OPEN(open(path, O_RDWR));

    printf("-- %s\n", path);
    try_opens(path);
    try_reads(fd);
    try_writes(fd);
    try_positions(fd);
    try_others(fd);
    close(fd);
    fd = open(path, O_RDONLY);
    SAY(write(fd, bytes, 1));
    close(fd);
    fd = open(path, O_WRONLY);
    SAY(read(fd, bytes, 1));
    close(fd);
}

static void try_map(const char *path, int flags) {
    int fd = open(path, O_RDWR);
    char *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, flags, fd, 0);

    printf("map %s %d: %s\n", path, flags, p == MAP_FAILED ? error_name(errno) : "mapped");
    close(fd);
    if (p == MAP_FAILED)
        return;
    SAY(p[0] + p[8191]);
    p[0] = p[4096] = 1;
    SAY(munmap(p, 8192));
    fd = open(path, O_RDONLY);
    p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, flags, fd, 0);
    printf("read-only: %s\n", p == MAP_FAILED ? error_name(errno) : "mapped");
    close(fd);
    if (p != MAP_FAILED)
        munmap(p, 8192);
}

/* Without a terminal there is none to open; natively that takes a session of its own. */
static void try_terminal(void) {
    setsid();
    SAY_OPEN(open("/dev/tty", O_RDWR));
    SAY(access("/dev/tty", R_OK | W_OK));
}

/* Data that go through: from one, to the other, and what has an end of its own. */
static void try_copies(void) {
    int file = open("copy", O_RDWR | O_CREAT, 0600);
    int zero = open("/dev/zero", O_RDWR), null = open("/dev/null", O_RDWR);

    SAY(write(file, "hello", 5));
    SAY(lseek(file, 0, SEEK_SET));
    SAY(sendfile(null, file, NULL, 100));
    SAY(copy_file_range(zero, NULL, file, NULL, 100, 0));
    SAY(copy_file_range(file, NULL, null, NULL, 100, 0));
    close(file);
    close(zero);
    close(null);
}

/* Buffered output finds out at the end. */
static void try_full(void) {
    FILE *file = fopen("/dev/full", "w");

    SAY(fputs("text", file) >= 0);
    SAY(fclose(file));
}

static void try_random(void) {
    int fd = open("/dev/urandom", O_RDONLY);
    unsigned char a[64] = {0}, b[64] = {0};

    SAY(read(fd, a, sizeof a));
    SAY(read(fd, b, sizeof b));
    SAY(memcmp(a, b, sizeof a) != 0);
    close(fd);
}

/* /dev/fd/N opens the file anew: a position and flags of its own. */
static void try_names(void) {
    char path[32], link[64] = "", text[8] = "";
    int file = open("named", O_RDWR | O_CREAT, 0600), ends[2];

    SAY(write(file, "abcdef", 6));
    snprintf(path, sizeof path, "/dev/fd/%d", file);
    int again = SAY_OPEN(open(path, O_RDONLY));
    SAY(read(again, text, 3));
    puts(text);
    SAY(lseek(file, 0, SEEK_CUR));
    SAY(write(again, "x", 1));
    close(again);
    SAY(unlink("named"));
    again = SAY_OPEN(open(path, O_RDONLY));
    SAY(read(again, text, 6));
    close(again);
    close(file);
    SAY_OPEN(open(path, O_RDONLY));
    SAY(pipe(ends));
    snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    again = SAY_OPEN(open(path, O_WRONLY));
    SAY(write(again, "pipe", 4));
    SAY(read(ends[0], text, 4));
    close(again);
    close(ends[0]);
    close(ends[1]);
    SAY(readlink("/dev/stdin", link, sizeof link - 1));
    puts(link);
    SAY(readlink("/dev/stderr", link, sizeof link - 1));
    SAY_OPEN(open("/dev/fd/999", O_RDONLY));
    SAY_OPEN(open("/dev/fd/x", O_RDONLY));
    SAY_OPEN(open("/dev/none", O_RDONLY));
}

static void try_shared(void) {
    SAY_OPEN(shm_open("/atman-test", O_RDWR, 0));
    int fd = SAY_OPEN(shm_open("/atman-test", O_RDWR | O_CREAT | O_EXCL, 0600));

    SAY_OPEN(shm_open("/atman-test", O_RDWR | O_CREAT | O_EXCL, 0600));
    SAY(ftruncate(fd, 8192));
    char *a = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    int second = SAY_OPEN(shm_open("atman-test", O_RDONLY, 0));
    const char *b = mmap(NULL, 8192, PROT_READ, MAP_SHARED, second, 0);
    strcpy(a + 5000, "both");
    SAY(a != b && !strcmp(b + 5000, "both"));
    SAY(shm_unlink("/atman-test"));
    SAY(shm_unlink("/atman-test"));
    SAY(strcmp(b + 5000, "both"));
    SAY_OPEN(shm_open("/a/b", O_RDWR | O_CREAT, 0600));
    SAY_OPEN(shm_open("/..", O_RDWR | O_CREAT, 0600));
    SAY_OPEN(shm_open("", O_RDWR | O_CREAT, 0600));
    munmap(a, 8192);
    munmap((void *)b, 8192);
    close(fd);
    close(second);
}

int main(void) {
    static const char *const paths[] = {"/dev/null", "/dev/zero", "/dev/full",
                                        "/dev/random", "/dev/urandom"};

    place_make();
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        try_device(paths[i]);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        try_map(paths[i], MAP_PRIVATE);
        try_map(paths[i], MAP_SHARED);
    }
    try_terminal();
    try_copies();
    try_full();
    try_random();
    try_names();
    try_shared();
    return place_end();
}
