/* SPDX-License-Identifier: MIT */
/*
 * What the system says that there is of everything: processors, memory, limits, priorities.
 * The answers agree with one another, and limits can be lowered and, below the hard one,
 * raised.
 */
// process: no: it asks a guest for what only a guest is
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
// memory: 64M
#define _GNU_SOURCE
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "check.h"
#include "handlers.h"

static void test_processors(void) {
    cpu_set_t set;
    unsigned char small[1], large[4096];
    long online = sysconf(_SC_NPROCESSORS_ONLN);

    CHECK(online >= 1 && sysconf(_SC_NPROCESSORS_CONF) >= online);
    memset(&set, 0x55, sizeof set);
    CHECK_EQUAL(sched_getaffinity(0, sizeof set, &set), 0);
    CHECK(CPU_COUNT(&set) >= 1 && CPU_COUNT(&set) <= sysconf(_SC_NPROCESSORS_CONF));
    CHECK_EQUAL(sched_getaffinity(getpid(), sizeof set, &set), 0);
    CHECK_FAILS(sched_getaffinity(0, 0, &set), EINVAL);
    CHECK_FAILS(syscall(SYS_sched_getaffinity, 0, 7, small), EINVAL); /* whole words */
    CHECK_FAILS(sched_getaffinity(0x3ffffff, sizeof set, &set), ESRCH);
    memset(large, 0x55, sizeof large);
    CHECK_EQUAL(sched_getaffinity(0, sizeof large, (cpu_set_t *)(void *)large), 0);
    CHECK_EQUAL(large[4095], 0); /* a C library clears the rest */
    long bytes = syscall(SYS_sched_getaffinity, 0, sizeof large, large);
    CHECK(bytes >= 8 && bytes % 8 == 0);
    int cpu = sched_getcpu();
    CHECK(cpu >= 0 && CPU_ISSET(cpu, &set));
    /* to where one is, and back */
    cpu_set_t one, now;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    CHECK_EQUAL(sched_setaffinity(0, sizeof one, &one), 0);
    CHECK_EQUAL(sched_getaffinity(0, sizeof now, &now), 0);
    CHECK(CPU_EQUAL(&one, &now));
    CHECK_EQUAL(sched_getcpu(), cpu);
    CHECK_EQUAL(sched_setaffinity(0, sizeof set, &set), 0);
    CPU_ZERO(&one);
    CHECK_FAILS(sched_setaffinity(0, sizeof one, &one), EINVAL);
}

static void test_memory(void) {
    struct sysinfo s;
    long pages = sysconf(_SC_PHYS_PAGES), free_pages = sysconf(_SC_AVPHYS_PAGES);

    CHECK_EQUAL(sysinfo(&s), 0);
    CHECK(s.mem_unit >= 1 && s.totalram > 0 && s.freeram <= s.totalram);
    CHECK_EQUAL(s.totalram * s.mem_unit / 4096, pages);
    CHECK(free_pages > 0 && free_pages <= pages);
    CHECK(s.procs >= 1);
    struct timespec t;
    clock_gettime(CLOCK_BOOTTIME, &t);
    CHECK(labs((long)s.uptime - t.tv_sec) <= 2);
}

static volatile int may_end;

static void *live(void *argument) {
    await(&may_end);
    return argument;
}

/* Threads count; the host has others. */
static void test_count(void) {
    struct sysinfo before, s;
    pthread_t threads[5];

    CHECK_EQUAL(sysinfo(&before), 0);
    for (int i = 0; i < 5; i++)
        CHECK_EQUAL(pthread_create(&threads[i], NULL, live, NULL), 0);
    CHECK_EQUAL(sysinfo(&s), 0);
#ifdef __atman__
    CHECK_EQUAL(s.procs, before.procs + 5);
    CHECK(s.totalram == before.totalram && s.freeram < before.freeram);
    CHECK(s.totalswap == 0 && s.freeswap == 0 && s.totalhigh == 0);
#endif
    may_end = 1;
    for (int i = 0; i < 5; i++)
        CHECK_EQUAL(pthread_join(threads[i], NULL), 0);
}

static void test_limits(void) {
    static const int known[] = {
        RLIMIT_CPU,      RLIMIT_FSIZE, RLIMIT_DATA,   RLIMIT_STACK,
        RLIMIT_CORE,     RLIMIT_RSS,   RLIMIT_NPROC,  RLIMIT_NOFILE,
        RLIMIT_MEMLOCK,  RLIMIT_AS,    RLIMIT_LOCKS,  RLIMIT_SIGPENDING,
        RLIMIT_MSGQUEUE, RLIMIT_NICE,  RLIMIT_RTPRIO, RLIMIT_RTTIME};
    struct rlimit a, b;

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        memset(&a, 0x55, sizeof a);
        CHECK_EQUAL(getrlimit(known[i], &a), 0);
        CHECK(a.rlim_cur <= a.rlim_max && a.rlim_cur != 0x5555555555555555);
        CHECK_EQUAL(prlimit(0, known[i], NULL, &b), 0);
        CHECK(a.rlim_cur == b.rlim_cur && a.rlim_max == b.rlim_max);
        CHECK_EQUAL(setrlimit(known[i], &a), 0);
    }
    CHECK_EQUAL(getrlimit(RLIMIT_STACK, &a), 0);
    CHECK(a.rlim_cur >= 64 << 10);
    CHECK_EQUAL(getrlimit(RLIMIT_CORE, &a), 0);
    a.rlim_cur = 0;
    CHECK_EQUAL(setrlimit(RLIMIT_CORE, &a), 0);
    CHECK_EQUAL(getrlimit(RLIMIT_CORE, &b), 0);
    CHECK(b.rlim_cur == 0 && b.rlim_max == a.rlim_max);
    b.rlim_cur = b.rlim_max;
    struct rlimit old;
    CHECK_EQUAL(prlimit(getpid(), RLIMIT_CORE, &b, &old), 0);
    CHECK_EQUAL(old.rlim_cur, 0);
    CHECK_EQUAL(getrlimit(RLIMIT_CORE, &a), 0);
    CHECK_EQUAL(a.rlim_cur, b.rlim_max);
    CHECK_EQUAL(getrlimit(RLIMIT_NOFILE, &a), 0);
    CHECK(a.rlim_cur >= 3 && sysconf(_SC_OPEN_MAX) == (long)a.rlim_cur);
    a = (struct rlimit){20, 10}; /* the wrong way round */
    CHECK_FAILS(setrlimit(RLIMIT_NOFILE, &a), EINVAL);
    CHECK_FAILS(getrlimit(999, &a), EINVAL);
    CHECK_FAILS(setrlimit(999, &b), EINVAL);
    CHECK_FAILS(prlimit(0x3ffffff, RLIMIT_CORE, NULL, &a), ESRCH);
}

static void test_answers(void) {
    CHECK(sysconf(_SC_THREADS) > 0 && sysconf(_SC_TIMERS) > 0);
    CHECK(sysconf(_SC_REALTIME_SIGNALS) > 0 && sysconf(_SC_MONOTONIC_CLOCK) > 0);
    CHECK_EQUAL(sysconf(_SC_CLK_TCK), 100);
    CHECK(sysconf(_SC_RTSIG_MAX) >= 30);
    long queue = sysconf(_SC_SIGQUEUE_MAX);
    CHECK(queue == -1 || queue >= 32);
    CHECK_FAILS(sysconf(100000), EINVAL);
}

static void test_priority(void) {
    errno = 0;
    int before = getpriority(PRIO_PROCESS, 0);
    CHECK_EQUAL(errno, 0);
    CHECK_EQUAL(setpriority(PRIO_PROCESS, 0, before + 3), 0);
    CHECK_EQUAL(getpriority(PRIO_PROCESS, 0), before + 3);
    CHECK_EQUAL(getpriority(PRIO_PROCESS, getpid()), before + 3);
    CHECK_EQUAL(nice(2), before + 5);
    CHECK_EQUAL(setpriority(PRIO_PROCESS, 0, 1000), 0); /* 19 is the most */
    CHECK_EQUAL(getpriority(PRIO_PROCESS, 0), 19);
    CHECK_FAILS(getpriority(77, 0), EINVAL);
    CHECK_FAILS(setpriority(77, 0, 0), EINVAL);
    CHECK_FAILS(getpriority(PRIO_PROCESS, 0x3ffffff), ESRCH);
    CHECK_FAILS(setpriority(PRIO_PROCESS, 0x3ffffff, 0), ESRCH);
    int result = setpriority(PRIO_PROCESS, 0, before); /* back up needs a privilege */
    CHECK(result == 0 || errno == EACCES);
}

int main(void) {
    test_processors();
    test_memory();
    test_count();
    test_limits();
    test_answers();
    test_priority();
    return checks_end();
}
