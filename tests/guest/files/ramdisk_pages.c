// SPDX-License-Identifier: MIT
// A ramdisk's files are not in memory twice: one that takes more than half of the domain
// can be read, written, mapped and removed, and then its memory is free.
// flags: -D_GNU_SOURCE
// tree: mkdir t; seq 1000000 2999999 | head -c 14000000 >t/big; printf small >t/small
// memory: 26M
// timeout: 120
// stdout-from: checks
// case: cpio, in place
// files: t
// case: tar
// ramdisk: tar -cf - -C t big small
// case: tar, compressed
// ramdisk: tar -cf - -C t big small | gzip
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "check.h"

enum { SIZE = 14000000, PAGE = 4096, SOME = 100 * PAGE };

/* The file is "1000000\n1000001\n" and so on. */
static int is_right(const char *text, long at, long size) {
    static const long powers[] = {1000000, 100000, 10000, 1000, 100, 10, 1};

    for (long i = 0; i < size; i++) {
        long number = 1000000 + (at + i) / 8, column = (at + i) % 8;

        if (text[i] != (column == 7 ? '\n' : '0' + number / powers[column] % 10))
            return 0;
    }
    return 1;
}

static void check_contents(int fd) {
    static char buffer[100000];
    long at = 0, n;

    while ((n = read(fd, buffer, sizeof buffer)) > 0) {
        if (!is_right(buffer, at, n))
            break;
        at += n;
    }
    CHECK(n == 0 && at == SIZE);
}

static void check_mappings(int fd) {
    long end = SIZE / PAGE * PAGE;
    char *shared = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    char *private = mmap(NULL, SOME, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    char text[8];

    CHECK(shared != MAP_FAILED && private != MAP_FAILED);
    CHECK(is_right(shared, 0, SIZE) && is_right(private, 0, SOME));
    for (long i = SIZE; i < end + PAGE; i++)
        if (shared[i]) {
            CHECK(!"zeros behind the end");
            break;
        }
    memcpy(private + 2 * PAGE, "private", 8);
    CHECK(is_right(shared, 0, SIZE));
    memcpy(shared + 3 * PAGE, "shared!", 8);
    CHECK(pread(fd, text, 8, 3 * PAGE) == 8 && memcmp(text, "shared!", 8) == 0);
    CHECK(memcmp(private + 3 * PAGE, "shared!", 8) == 0);
    CHECK(pwrite(fd, "written", 8, 5 * PAGE) == 8);
    CHECK(memcmp(shared + 5 * PAGE, "written", 8) == 0);
    CHECK(munmap(private, SOME) == 0 && munmap(shared, SIZE) == 0);
}

static long free_bytes(void) {
    struct sysinfo info;

    CHECK(sysinfo(&info) == 0);
    return (long)(info.freeram * info.mem_unit);
}

int main(void) {
    int fd = open("/big", O_RDWR);
    struct stat st;
    long before;

    CHECK(fd >= 0 && fstat(fd, &st) == 0 && st.st_size == SIZE);
    CHECK(st.st_blocks == (SIZE + PAGE - 1) / PAGE * (PAGE / 512));
    check_contents(fd);
    check_mappings(fd);
    before = free_bytes();
    CHECK(unlink("/big") == 0);
    CHECK(free_bytes() < before + (1 << 20));
    CHECK(ftruncate(fd, SIZE / 2) == 0);
    CHECK(free_bytes() >= before + SIZE / 2 - (1 << 20));
    CHECK(close(fd) == 0);
    CHECK(free_bytes() >= before + SIZE - (1 << 20));
    CHECK(open("/big", O_RDONLY) < 0 && errno == ENOENT);
    /* It can be used: for a file as well as for the program. */
    char *all =
        mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(all != MAP_FAILED);
    memset(all, 1, SIZE);
    CHECK(munmap(all, SIZE) == 0);
    CHECK(free_bytes() >= before + SIZE - (1 << 20));
    fd = open("/new", O_RDWR | O_CREAT, 0600);
    CHECK(fd >= 0 && posix_fallocate(fd, 0, SIZE) == 0);
    CHECK(open("/small", O_RDONLY) >= 0);
    return checks_end();
}
