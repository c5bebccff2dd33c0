/* SPDX-License-Identifier: MIT */
/* memfd_create and seals; shm_open. */
// stdout-from: checks
// native:
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../check.h"

static void test_name(void) {
    char link[64], target[128] = "", name[300];
    struct stat stat;
    int fd = memfd_create("a name", MFD_CLOEXEC);

    CHECK(fd >= 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC);
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    CHECK(readlink(link, target, sizeof target - 1) > 0);
    CHECK(!strcmp(target, "/memfd:a name (deleted)"));
    CHECK(!fstat(fd, &stat) && S_ISREG(stat.st_mode) && stat.st_nlink == 0);
    CHECK_EQUAL(stat.st_size, 0);
    CHECK(write(fd, "hello", 5) == 5);
    int again = open(link, O_RDONLY);
    CHECK(again >= 0 && read(again, target, 5) == 5 && !memcmp(target, "hello", 5));
    CHECK_FAILS(write(again, "x", 1), EBADF);
    close(again);
    close(fd);
    memset(name, 'x', sizeof name);
    name[249] = 0;
    fd = memfd_create(name, 0);
    CHECK(fd >= 0 && fcntl(fd, F_GETFD) == 0);
    close(fd);
    name[249] = 'x';
    name[250] = 0;
    CHECK_FAILS(memfd_create(name, 0), EINVAL);
    CHECK_FAILS(memfd_create("x", 0x8000), EINVAL);
}

static void test_seals(void) {
    int fd = memfd_create("", MFD_ALLOW_SEALING), plain = memfd_create("", 0);

    CHECK_EQUAL(fcntl(fd, F_GET_SEALS), 0);
    CHECK_EQUAL(fcntl(plain, F_GET_SEALS), F_SEAL_SEAL);
    CHECK_FAILS(fcntl(plain, F_ADD_SEALS, F_SEAL_GROW), EPERM);
    CHECK_FAILS(fcntl(fd, F_ADD_SEALS, 0x100), EINVAL);
    CHECK_EQUAL(ftruncate(fd, 8192), 0);
    CHECK_EQUAL(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK), 0);
    CHECK_FAILS(ftruncate(fd, 8191), EPERM);
    CHECK_EQUAL(ftruncate(fd, 10000), 0);
    CHECK_EQUAL(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW), 0);
    CHECK_FAILS(ftruncate(fd, 10001), EPERM);
    CHECK_FAILS(pwrite(fd, "ab", 2, 9999), EPERM);
    CHECK_EQUAL(pwrite(fd, "ab", 2, 9998), 2);
    CHECK_FAILS(fallocate(fd, 0, 0, 20000), EPERM);
    CHECK_EQUAL(fallocate(fd, 0, 0, 10000), 0);
    char *mapped = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(mapped != MAP_FAILED);
    CHECK_FAILS(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EBUSY);
    *mapped = 'm';
    munmap(mapped, 4096);
    CHECK_EQUAL(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), 0);
    CHECK_FAILS(pwrite(fd, "x", 1, 0), EPERM);
    CHECK_FAILS(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096), EPERM);
    CHECK_FAILS(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), EPERM);
    mapped = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    CHECK(mapped != MAP_FAILED && *mapped == 'm');
    munmap(mapped, 4096);
    CHECK_EQUAL(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL), 0);
    CHECK_FAILS(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK), EPERM);
    CHECK_EQUAL(fcntl(fd, F_GET_SEALS),
                F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
    close(fd);
    close(plain);
    int pipes[2];
    CHECK_EQUAL(pipe(pipes), 0);
    CHECK_FAILS(fcntl(pipes[0], F_GET_SEALS), EINVAL);
    CHECK_FAILS(fcntl(pipes[1], F_ADD_SEALS, F_SEAL_GROW), EINVAL);
}

static void test_future(void) {
    int fd = memfd_create("", MFD_ALLOW_SEALING);
    CHECK_EQUAL(ftruncate(fd, 4096), 0);
    char *mapped = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    CHECK_EQUAL(fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE), 0);
    *mapped = 'f'; /* this one stays */
    CHECK_FAILS(pwrite(fd, "x", 1, 0), EPERM);
    CHECK_FAILS(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), EPERM);
    char *other = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
    CHECK(other != MAP_FAILED && *other == 'f');
    CHECK_FAILS(mprotect(other, 4096, PROT_READ | PROT_WRITE), EACCES);
    munmap(mapped, 4096);
    munmap(other, 4096);
    close(fd);
}

static void test_shared(void) {
    int fd = shm_open("/atman-test", O_RDWR | O_CREAT | O_EXCL, 0600);

    CHECK(fd >= 0 && ftruncate(fd, 4096) == 0);
    int again = shm_open("/atman-test", O_RDWR, 0);
    CHECK(again >= 0);
    char *one = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    char *two = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, again, 0);
    CHECK(one != MAP_FAILED && two != MAP_FAILED && one != two);
    strcpy(one, "seen");
    CHECK(!strcmp(two, "seen"));
    CHECK_EQUAL(shm_unlink("/atman-test"), 0);
    CHECK_FAILS(shm_unlink("/atman-test"), ENOENT);
    CHECK_FAILS(shm_open("/atman-test", O_RDWR, 0), ENOENT);
}

int main(void) {
    test_name();
    test_seals();
    test_future();
    test_shared();
    return checks_end();
}
