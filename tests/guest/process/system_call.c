/* SPDX-License-Identifier: MIT */
/*
 * syscall(2) with numbers known only at run time, and calls that are not there: each is
 * ENOSYS, whether by number or through the C library, and the program goes on.
 */
// stdout-from: checks
// stderr-like: ^by number$
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

static const char is_listed[1024] = {
#define SYSCALL(number, name, count, handler) [number] = 1,
#include "../../../runtime/syscalls.def"
#undef SYSCALL
};

static void test_known_numbers(void) {
    volatile long getpid_number = SYS_getpid, write_number = SYS_write;
    volatile long time_number = SYS_clock_gettime, map_number = SYS_mmap;
    struct timespec now = {0};

    CHECK_EQUAL(syscall(getpid_number), getpid());
    CHECK_EQUAL(syscall(write_number, 2, "by number\n", 10), 10);
    CHECK_FAILS(syscall(write_number, 55, "", 0), EBADF);
    CHECK_EQUAL(syscall(time_number, CLOCK_REALTIME, &now), 0);
    CHECK(now.tv_sec > 1000000000);
    char *p = (char *)syscall(map_number, 0, 4096, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); /* six arguments */
    CHECK(p != MAP_FAILED && *p == 0);
    *p = 1;
    CHECK_EQUAL(syscall(SYS_munmap, p, 4096), 0);
    CHECK_FAILS(syscall(map_number, 0, 4096, 0, MAP_PRIVATE | MAP_ANONYMOUS, -1, 1),
                EINVAL);
}

static void test_unknown_numbers(void) {
    static const long strange[] = {
        -1, -2, 1024, 4096, 0x40000000, 1l << 32, (1l << 32) + 39, LONG_MIN, LONG_MAX};

    for (long n = 0; n < 1024; n++)
        if (!is_listed[n])
            CHECK_FAILS(syscall(n, 0, 0, 0, 0, 0, 0), ENOSYS);
    for (size_t i = 0; i < sizeof strange / sizeof *strange; i++)
        CHECK_FAILS(syscall(strange[i], 1, 2, 3, 4, 5, 6), ENOSYS);
}

static void test_absent(void) {
    CHECK_FAILS(fork(), ENOSYS);
    CHECK_FAILS(vfork(), ENOSYS);
    CHECK_FAILS(execl("/bin/sh", "sh", NULL), ENOSYS);
    CHECK_FAILS(wait(NULL), ECHILD);
    CHECK(!popen("true", "r"));
    CHECK_EQUAL(system("true"), -1);
}

static void test_identity(void) {
    struct utsname name;
    struct rlimit limit;
    char host[100];

    CHECK_EQUAL(uname(&name), 0);
    CHECK(*name.sysname && *name.release && *name.version);
    CHECK(!strcmp(name.machine, "x86_64"));
    CHECK(gethostname(host, sizeof host) == 0 && !strcmp(host, name.nodename));
    CHECK(getpid() > 0 && getpid() == (pid_t)syscall(SYS_gettid));
    CHECK(getuid() == geteuid() && getgid() == getegid());
    CHECK_EQUAL(sysconf(_SC_PAGESIZE), 4096);
    CHECK_EQUAL(sysconf(_SC_NPROCESSORS_ONLN), 1);
    CHECK(sysconf(_SC_PHYS_PAGES) > 200 && sysconf(_SC_AVPHYS_PAGES) > 100);
    CHECK_EQUAL(getrlimit(RLIMIT_NOFILE, &limit), 0);
    CHECK(limit.rlim_cur >= 3);
    CHECK_EQUAL(getrlimit(RLIMIT_STACK, &limit), 0);
    CHECK(limit.rlim_cur >= 32768 && limit.rlim_cur < 64 << 20);
    CHECK_FAILS(getrlimit(999, &limit), EINVAL);
}

int main(void) {
    test_known_numbers();
    test_unknown_numbers();
    test_absent();
    test_identity();
    return checks_end();
}
