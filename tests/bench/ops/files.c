/* SPDX-License-Identifier: MIT */
/* Files in a file system in memory: on Linux /bench is a tmpfs. */
#include "op.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef __atman__
#    include <sys/mount.h>
#endif

enum { MANY = 10000, KIB = 1024, MIB = 1024 * KIB };

static char data[MIB];
static int fd;

static void prepare(unsigned long count) {
    (void)count;
    if (mkdir("/bench", 0755) && errno != EEXIST)
        op_fail("/bench", errno);
#ifndef __atman__
    if (mount("bench", "/bench", "tmpfs", 0, NULL))
        op_fail("mount", errno);
#endif
    fd = open("/bench/file", O_RDWR | O_CREAT, 0644);
    if (fd < 0 || write(fd, data, MIB) != MIB)
        op_fail("/bench/file", errno);
}

static void open_run(unsigned long count) {
    while (count--) {
        int one = open("/bench/file", O_RDONLY);
        if (one < 0)
            op_fail("open", errno);
        close(one);
    }
}

static void stat_run(unsigned long count) {
    struct stat result;

    while (count--)
        if (stat("/bench/file", &result))
            op_fail("stat", errno);
}

static void read_run(unsigned long count, size_t size) {
    while (count--)
        if (pread(fd, data, size, 0) != (ssize_t)size)
            op_fail("pread", errno);
}

static void write_run(unsigned long count, size_t size) {
    while (count--)
        if (pwrite(fd, data, size, 0) != (ssize_t)size)
            op_fail("pwrite", errno);
}

static void read_1_run(unsigned long count) {
    read_run(count, 1);
}

static void read_4k_run(unsigned long count) {
    read_run(count, 4 * KIB);
}

static void read_1m_run(unsigned long count) {
    read_run(count, MIB);
}

static void write_1_run(unsigned long count) {
    write_run(count, 1);
}

static void write_4k_run(unsigned long count) {
    write_run(count, 4 * KIB);
}

static void write_1m_run(unsigned long count) {
    write_run(count, MIB);
}

static void readdir_prepare(unsigned long count) {
    char name[32];

    prepare(count);
    if (mkdir("/bench/many", 0755))
        op_fail("/bench/many", errno);
    for (int i = 0; i < MANY; i++) {
        snprintf(name, sizeof name, "/bench/many/%d", i);
        int one = open(name, O_WRONLY | O_CREAT, 0644);
        if (one < 0)
            op_fail(name, errno);
        close(one);
    }
}

static void readdir_run(unsigned long count) {
    while (count--) {
        DIR *d = opendir("/bench/many");
        int n = 0;
        while (d && readdir(d))
            n++;
        if (n != MANY + 2)
            op_fail("readdir", 0);
        closedir(d);
    }
}

const struct op op_open_close = {"open_close", 1, 2000, prepare, open_run, 100};
const struct op op_stat = {"stat", 1, 2000, prepare, stat_run, 100};
const struct op op_read_1 = {"read_1", 1, 5000, prepare, read_1_run, 100};
const struct op op_read_4k = {"read_4k", 1, 2000, prepare, read_4k_run, 100};
const struct op op_read_1m = {"read_1m", 1, 50, prepare, read_1m_run, 2};
const struct op op_write_1 = {"write_1", 1, 5000, prepare, write_1_run, 100};
const struct op op_write_4k = {"write_4k", 1, 2000, prepare, write_4k_run, 100};
const struct op op_write_1m = {"write_1m", 1, 50, prepare, write_1m_run, 2};
const struct op op_readdir_10k = {"readdir_10k", 1, 10, readdir_prepare, readdir_run, 1};
