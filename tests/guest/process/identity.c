/* SPDX-License-Identifier: MIT */
/*
 * Who the program is: numbers of processes, groups and users, the names of the system and
 * of threads, random bytes; and that it may become only what it is.
 */
// process: no: it asks a guest for what only a guest is
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include <grp.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "check.h"
#include "handlers.h"

static void test_numbers(void) {
    pid_t self = getpid();

    CHECK(self > 0 && getppid() >= 0);
    CHECK_EQUAL(syscall(SYS_gettid), self); /* the main thread */
    CHECK(getpgrp() > 0 && getpgrp() == getpgid(0) && getpgid(0) == getpgid(self));
    CHECK(getsid(0) >= 0 && getsid(0) == getsid(self));
    CHECK_FAILS(getpgid(0x3ffffff), ESRCH);
    CHECK_FAILS(getsid(0x3ffffff), ESRCH);
    CHECK_FAILS(getpgid(-1), ESRCH);
    CHECK_FAILS(setpgid(0, -1), EINVAL);
    CHECK_FAILS(setpgid(0x3ffffff, 0), ESRCH);
}

static void test_users(void) {
    uid_t real = 77, effective = 77, saved = 77;
    gid_t groups[4096];

    CHECK(getresuid(&real, &effective, &saved) == 0 && real == getuid() &&
          effective == geteuid() && saved == effective);
    CHECK(getresgid(&real, &effective, &saved) == 0 && real == getgid() &&
          effective == getegid() && saved == effective);
    CHECK_EQUAL(setuid(getuid()), 0);
    CHECK_EQUAL(setgid(getgid()), 0);
    CHECK_EQUAL(seteuid(geteuid()), 0);
    CHECK_EQUAL(setegid(getegid()), 0);
    CHECK_EQUAL(setreuid((uid_t)-1, (uid_t)-1), 0);
    CHECK_EQUAL(setregid((gid_t)-1, (gid_t)-1), 0);
    CHECK_EQUAL(setresuid(getuid(), geteuid(), (uid_t)-1), 0);
    CHECK_EQUAL(setresgid((gid_t)-1, (gid_t)-1, (gid_t)-1), 0);
    CHECK_FAILS(setuid((uid_t)-1), EINVAL);
    int count = getgroups(0, NULL);
    CHECK(count >= 0 && getgroups(4096, groups) == count);
    CHECK_FAILS(getgroups(-1, groups), EINVAL);
    mode_t mask = umask(027);
    CHECK_EQUAL(umask(mask), 027);
    CHECK_EQUAL(umask(mask | 07000), mask);
    CHECK_EQUAL(umask(mask), mask);
    CHECK_FAILS(setgroups(65537, groups), geteuid() ? EPERM : EINVAL);
    CHECK_EQUAL(setfsuid((uid_t)-1), geteuid()); /* what it was and is */
    CHECK_EQUAL(setfsgid((gid_t)-1), getegid());
}

/* Nothing in a domain is anybody else's, so there is nobody to become. */
static void test_nobody_else(void) {
#ifdef __atman__
    CHECK_FAILS(setuid(1000), EPERM);
    CHECK_FAILS(setgid(1000), EPERM);
    CHECK_FAILS(setreuid(1000, (uid_t)-1), EPERM);
    CHECK_FAILS(setregid((gid_t)-1, 1000), EPERM);
    CHECK_FAILS(setresuid((uid_t)-1, (uid_t)-1, 1000), EPERM);
    CHECK_FAILS(setresgid(0, 1000, 0), EPERM);
    CHECK_EQUAL(setgroups(0, NULL), 0);
    CHECK(getuid() == 0 && geteuid() == 0 && getgid() == 0 && getegid() == 0);
    CHECK_FAILS(setsid(), EPERM); /* it leads its group and its session */
    CHECK_FAILS(setpgid(0, 0), EPERM);
    CHECK(getsid(0) == getpid() && getpgrp() == getpid());
#endif
}

static void test_system(void) {
    struct utsname name;
    char host[100], again[3];

    CHECK_EQUAL(uname(&name), 0);
    CHECK(*name.sysname && *name.nodename && *name.release && *name.version);
    CHECK(!strcmp(name.machine, "x86_64"));
    CHECK(gethostname(host, sizeof host) == 0 && !strcmp(host, name.nodename));
    int result = gethostname(again, sizeof again);
    CHECK(result == 0 || (result == -1 && errno == ENAMETOOLONG));
    CHECK_EQUAL(sysconf(_SC_PAGESIZE), 4096);
    CHECK_EQUAL(getpagesize(), 4096);
}

static volatile int named, read_back;
static char of_thread[16];

static void *name_thread(void *argument) {
    memset(of_thread, 0x55, sizeof of_thread);
    CHECK_EQUAL(prctl(PR_GET_NAME, of_thread), 0);
    CHECK(!strcmp(of_thread, "main thread")); /* inherited */
    CHECK_EQUAL(prctl(PR_SET_NAME, "a name of which only fifteen bytes count"), 0);
    CHECK_EQUAL(prctl(PR_GET_NAME, of_thread), 0);
    CHECK(!strcmp(of_thread, "a name of which"));
    named = 1;
    await(&read_back);
    return argument;
}

static void test_names(void) {
    char name[17];
    pthread_t thread;

    memset(name, 0x55, sizeof name);
    CHECK_EQUAL(prctl(PR_GET_NAME, name), 0);
    CHECK(memchr(name, 0, 16) && name[16] == 0x55);
    CHECK_EQUAL(prctl(PR_SET_NAME, ""), 0);
    CHECK(prctl(PR_GET_NAME, name) == 0 && !*name);
    CHECK_EQUAL(pthread_setname_np(pthread_self(), "main thread"), 0);
    CHECK(prctl(PR_GET_NAME, name) == 0 && !strcmp(name, "main thread"));
    CHECK_EQUAL(pthread_setname_np(pthread_self(), "more than fifteen bytes"), ERANGE);
    CHECK_EQUAL(pthread_create(&thread, NULL, name_thread, NULL), 0);
    CHECK(await(&named));
    CHECK(prctl(PR_GET_NAME, name) == 0 && !strcmp(name, "main thread"));
    read_back = 1;
    CHECK_EQUAL(pthread_join(thread, NULL), 0);
    CHECK_FAILS(prctl(123456, 0, 0, 0, 0), EINVAL);
}

static void test_random(void) {
    static unsigned char bytes[2][100000];
    unsigned counts[256] = {0};

    CHECK_EQUAL(getrandom(bytes[0], 100000, 0), 100000);
    CHECK_EQUAL(getrandom(bytes[1], 256, GRND_NONBLOCK), 256);
    CHECK(memcmp(bytes[0], bytes[1], 256));
    CHECK_EQUAL(getrandom(bytes[1], 16, GRND_RANDOM), 16);
    CHECK_EQUAL(getrandom(bytes[1], 0, 0), 0);
    CHECK_FAILS(getrandom(bytes[1], 16, 0x100), EINVAL);
    for (int i = 0; i < 100000; i++)
        counts[bytes[0][i]]++;
    for (int i = 0; i < 256; i++) /* about 391 each; these are more than eight sigmas */
        CHECK(counts[i] > 200 && counts[i] < 600);
    CHECK_EQUAL(getentropy(bytes[1], 256), 0);
    CHECK_FAILS(getentropy(bytes[1], 257), EIO);
}

int main(void) {
    test_numbers();
    test_users();
    test_nobody_else();
    test_system();
    test_names();
    test_random();
    return checks_end();
}
