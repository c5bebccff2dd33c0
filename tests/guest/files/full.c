/* SPDX-License-Identifier: MIT */
/*
 * A file system in memory that is full: everything that needs a page is ENOSPC and changes
 * nothing, all else goes on, memory that was promised before is there all the same, and
 * what is deleted can be written again. Several times, so that nothing is lost on the way.
 */
// stdout-from: checks
// memory: 16M
// vcpus: 1 2
// timeout: 120
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "check.h"

enum { PAGE = 4096, PROMISED = 200 * PAGE, PART = 64 * 1024, SPARE_PAGES = 24 };

static char part[PART];

static long free_pages(void) {
    struct sysinfo info;

    sysinfo(&info);
    return (long)(info.freeram * info.mem_unit / PAGE);
}

static int is_full(long result) {
    return result == -1 && (errno == ENOSPC || errno == ENOMEM);
}

/* Writes until nothing more fits; the size. The last write may be a short one. */
static long fill(int fd) {
    long size = 0, n;

    while ((n = write(fd, part, PART)) > 0)
        size += n;
    if (!CHECK(n == -1 && errno == ENOSPC))
        printf("    %ld, errno %d\n", n, errno);
    while ((n = write(fd, part, 1)) > 0)
        size += n;
    CHECK_FAILS(write(fd, part, 1), ENOSPC);
    return size;
}

static void check_contents(int fd, long size) {
    static char back[PART];
    struct stat stat;

    CHECK_EQUAL(fstat(fd, &stat), 0);
    CHECK_EQUAL(stat.st_size, size);
    for (long at = 0; at < size; at += PART) {
        long rest = size - at < PART ? size - at : PART;
        CHECK_EQUAL(pread(fd, back, PART, at), rest);
        /* what was written byte by byte at the end is the first byte */
        for (long i = 0; i < rest; i++)
            if (back[i] != part[i % PART] && back[i] != part[0]) {
                CHECK(back[i] == part[i]);
                return;
            }
    }
}

/* Names need memory, too: they fail in their turn, and what is there stays. */
static long fill_names(void) {
    char name[300];
    long made = 0;

    for (; made < 100000; made++) {
        snprintf(name, sizeof name, "/tmp/names/%0200ld", made);
        long result = made % 3 == 0 ? mkdir(name, 0700)
                      : made % 3 == 1
                          ? symlink("/tmp/names", name)
                          : close(open(name, O_WRONLY | O_CREAT | O_EXCL, 0600));
        if (result == -1) {
            struct stat stat;
            CHECK_FAILS(lstat(name, &stat), ENOENT);
            break;
        }
    }
    snprintf(name, sizeof name, "/tmp/names/none%0200d", 0);
    CHECK(is_full(mkdir(name, 0700)));
    CHECK(is_full(symlink("/tmp/names", name)));
    CHECK(is_full(open(name, O_WRONLY | O_CREAT, 0600)));
    CHECK(is_full(mknod(name, S_IFREG | 0600, 0)));
    CHECK(is_full(link("/tmp/big", name)));
    return made;
}

static void clear_names(long made) {
    char name[300];
    long listed = 0;
    DIR *d = opendir("/tmp/names");

    if (d) { /* or there is no memory for it */
        while (readdir(d))
            listed++;
        CHECK_EQUAL(listed, made + 2);
        closedir(d);
    }
    for (long i = 0; i < made; i++) {
        snprintf(name, sizeof name, "/tmp/names/%0200ld", i);
        CHECK_EQUAL(i % 3 ? unlink(name) : rmdir(name), 0);
    }
}

/* What goes on although nothing is free. */
static void check_going_on(int fd) {
    struct statfs statfs_;
    struct stat stat_;
    char text[10];
    off_t at = 0;

    CHECK_EQUAL(stat("/tmp/big", &stat_), 0);
    CHECK_EQUAL(statfs("/tmp", &statfs_), 0);
    CHECK(statfs_.f_bfree < 200);
    CHECK_EQUAL(pwrite(fd, "over", 4, 0), 4);
    CHECK_EQUAL(pread(fd, text, 4, 0), 4);
    CHECK(!memcmp(text, "over", 4));
    CHECK_EQUAL(pwrite(fd, part, 4, 0), 4);
    CHECK_EQUAL(rename("/tmp/small", "/tmp/little"), 0);
    CHECK_EQUAL(rename("/tmp/little", "/tmp/small"), 0);
    CHECK_EQUAL(chmod("/tmp/big", 0640), 0);
    CHECK_EQUAL(lseek(fd, 0, SEEK_DATA), 0);
    CHECK_FAILS(fallocate(fd, 0, 0, 1l << 30), ENOSPC);
    CHECK_FAILS(posix_fallocate(fd, 0, 1l << 30) == ENOSPC ? (errno = ENOSPC, -1) : 0,
                ENOSPC);
    int small = open("/tmp/small", O_RDWR);
    CHECK(small >= 0);
    CHECK_EQUAL(pread(small, text, 10, 0), 5);
    CHECK_FAILS(pwrite(small, part, 1, 100l * PAGE), ENOSPC);
    CHECK_EQUAL(fstat(small, &stat_), 0);
    CHECK_EQUAL(stat_.st_size, 5);
    CHECK_FAILS(copy_file_range(fd, &at, small, &(off_t){1 << 20}, PART, 0), ENOSPC);
    close(small);
}

static void fill_once(char *promised) {
    int fd = open("/tmp/big", O_RDWR | O_CREAT | O_TRUNC, 0600);
    long size, made, again;

    CHECK(fd >= 0);
    size = fill(fd);
    CHECK(size > 1 << 20);
    check_contents(fd, size);
    made = fill_names();
    check_going_on(fd);
    check_contents(fd, size);
    /* what malloc has promised is there */
    for (long i = 0; i < PROMISED; i += PAGE)
        promised[i] = (char)(i / PAGE);
    for (long i = 0; i < PROMISED; i += PAGE)
        CHECK_EQUAL(promised[i], (char)(i / PAGE));
    CHECK(mmap(NULL, 64 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
               0) == MAP_FAILED);
    clear_names(made);
    /* a part given back can be written again */
    CHECK_EQUAL(ftruncate(fd, size / 2), 0);
    CHECK_EQUAL(lseek(fd, 0, SEEK_END), size / 2);
    again = fill(fd);
    CHECK(again >= size / 2 - 32 * PAGE);
    CHECK_EQUAL(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 100 * PAGE),
                0);
    int other = open("/tmp/other", O_RDWR | O_CREAT | O_EXCL, 0600);
    CHECK(other >= 0);
    CHECK_EQUAL(write(other, part, 50 * 1024), 50 * 1024);
    close(other);
    CHECK_EQUAL(unlink("/tmp/big"), 0);
    CHECK_FAILS(unlink("/tmp/big"), ENOENT);
    CHECK(fill(fd) < 1 << 20); /* it is still open */
    CHECK_EQUAL(close(fd), 0);
    CHECK_EQUAL(unlink("/tmp/other"), 0);
}

int main(void) {
    for (int i = 0; i < PART; i++)
        part[i] = (char)(1 + i % 251);
    CHECK(mkdir("/tmp", 01777) == 0 || errno == EEXIST);
    CHECK_EQUAL(mkdir("/tmp/names", 0700), 0);
    int small = open("/tmp/small", O_RDWR | O_CREAT, 0600);
    CHECK_EQUAL(write(small, "small", 5), 5);
    close(small);
    long before = 0;
    for (int i = 0; i < 4; i++) {
        char *promised = mmap(NULL, PROMISED, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        CHECK(promised != MAP_FAILED);
        fill_once(promised);
        munmap(promised, PROMISED);
        long free_now = free_pages();
        if (i && !CHECK(free_now >= before - SPARE_PAGES))
            printf("    round %d: %ld pages are missing\n", i, before - free_now);
        if (!i)
            before = free_now;
    }
    return checks_end();
}
