/* SPDX-License-Identifier: MIT */
/*
 * sched_setaffinity and sched_getaffinity, for oneself and others, awake and asleep;
 * sched_getcpu and getcpu tell where a thread is, and it stays where it may be.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include "thread/thread.h"

#include <sys/mman.h>

static int processors;
static cpu_set_t all;

static cpu_set_t only(int processor) {
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET((size_t)processor, &set);
    return set;
}

static void test_all(void) {
    unsigned long mask[16] = {0};
    long size;

    CHECK_EQUAL(sched_getaffinity(0, sizeof all, &all), 0);
    processors = CPU_COUNT(&all);
    CHECK_EQUAL(processors, sysconf(_SC_NPROCESSORS_ONLN));
    CHECK(sysconf(_SC_NPROCESSORS_CONF) >= processors);
    for (int i = 0; i < processors; i++)
        CHECK(CPU_ISSET((size_t)i, &all));
    size = syscall(SYS_sched_getaffinity, 0, sizeof mask, mask);
    CHECK(size > 0 && size % 8 == 0 && (unsigned long)size <= sizeof mask);
    CHECK_EQUAL(mask[0], all.__bits[0]);
}

static void stay_on(int processor) {
    for (int i = 0; i < 5; i++) {
        CHECK_EQUAL(sched_getcpu(), processor);
        if (i % 2)
            sched_yield();
        else
            sleep_ms(1);
    }
}

static void test_self(void) {
    for (int round = 0; round < 3; round++)
        for (int i = 0; i < processors; i++) {
            cpu_set_t set = only(i), got;
            unsigned cpu = 999, node = 999;

            CHECK_EQUAL(sched_setaffinity(round ? 0 : gettid_now(), sizeof set, &set), 0);
            stay_on(i);
            CHECK_EQUAL(sched_getaffinity(gettid_now(), sizeof got, &got), 0);
            CHECK(CPU_EQUAL(&got, &set));
            CHECK_EQUAL(syscall(SYS_getcpu, &cpu, &node, NULL), 0);
            CHECK(cpu == (unsigned)i && node == 0);
        }
    CHECK_EQUAL(sched_setaffinity(0, sizeof all, &all), 0);
}

static volatile int stop, running, at;

static void *spin(void *argument) {
    add(&running, 1);
    while (!load(&stop))
        store(&at, sched_getcpu());
    return argument;
}

static void *sleep_long(void *argument) {
    add(&running, 1);
    while (!load(&stop)) {
        sleep_ms(2);
        store(&at, sched_getcpu());
    }
    return argument;
}

/* Another one, which runs or sleeps, goes there at once. */
static void check_other(void *(*run)(void *)) {
    store(&stop, 0);
    store(&running, 0);
    pthread_t thread = start(run, NULL);
    CHECK(await(&running, 1));
    for (int i = 0; i < processors * 2; i++) {
        cpu_set_t set = only(i % processors), got;

        CHECK_EQUAL(pthread_setaffinity_np(thread, sizeof set, &set), 0);
        CHECK_EQUAL(pthread_getaffinity_np(thread, sizeof got, &got), 0);
        CHECK(CPU_EQUAL(&got, &set));
        for (int j = 0; j < 20 && load(&at) != i % processors; j++)
            sleep_ms(5);
        for (int j = 0; j < 5; j++) {
            CHECK_EQUAL(load(&at), i % processors);
            sleep_ms(1);
        }
    }
    store(&stop, 1);
    finish(thread);
}

static void test_other(void) {
    check_other(spin);
    check_other(sleep_long);
}

static void *where(void *argument) {
    cpu_set_t set;

    CHECK_EQUAL(pthread_getaffinity_np(pthread_self(), sizeof set, &set), 0);
    CHECK(CPU_COUNT(&set) == 1 && CPU_ISSET((size_t)(long)argument, &set));
    stay_on((int)(long)argument);
    return NULL;
}

static void test_inherited(void) {
    for (int i = 0; i < processors; i++) {
        cpu_set_t set = only(i);

        CHECK_EQUAL(sched_setaffinity(0, sizeof set, &set), 0);
        finish(start(where, (void *)(long)i));
    }
    CHECK_EQUAL(sched_setaffinity(0, sizeof all, &all), 0);
}

/* All on one, and each gets its turn. */
static void *count(void *argument) {
    for (volatile int i = 0; i < 100000; i++)
        ;
    return argument;
}

static void test_crowd(void) {
    cpu_set_t set = only(processors - 1);
    pthread_t threads[10];

    CHECK_EQUAL(sched_setaffinity(0, sizeof set, &set), 0);
    for (size_t i = 0; i < LENGTH(threads); i++)
        threads[i] = start(count, NULL);
    for (size_t i = 0; i < LENGTH(threads); i++)
        finish(threads[i]);
    CHECK_EQUAL(sched_setaffinity(0, sizeof all, &all), 0);
}

static void test_wrong(void) {
    cpu_set_t set;
    char *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    unsigned cpu;

    CPU_ZERO(&set);
    CHECK_FAILS(sched_setaffinity(0, sizeof set, &set), EINVAL);
    CPU_SET(1000, &set); /* there is none */
    CHECK_FAILS(sched_setaffinity(0, sizeof set, &set), EINVAL);
    CPU_SET(0, &set);
    CHECK_EQUAL(sched_setaffinity(0, sizeof set, &set), 0); /* those that there are count */
    CHECK_EQUAL(sched_getaffinity(0, sizeof set, &set), 0);
    CHECK(CPU_COUNT(&set) == 1 && CPU_ISSET(0, &set));
    CHECK_EQUAL(syscall(SYS_sched_setaffinity, 0, 1, all.__bits), 0); /* a byte will do */
    CHECK_FAILS(syscall(SYS_sched_setaffinity, 0, 0, all.__bits), EINVAL);
    CHECK_FAILS(sched_setaffinity(0x3ffffff0, sizeof all, &all), ESRCH);
    CHECK_FAILS(sched_getaffinity(0x3ffffff0, sizeof set, &set), ESRCH);
    CHECK_FAILS(syscall(SYS_sched_setaffinity, 0, 8, NULL), EFAULT);
    CHECK_FAILS(syscall(SYS_sched_setaffinity, 0, 8, (void *)-4096), EFAULT);
    CHECK_FAILS(syscall(SYS_sched_getaffinity, 0, 128, NULL), EFAULT);
    CHECK_FAILS(syscall(SYS_sched_getaffinity, 0, 128, page), EFAULT);
    CHECK_FAILS(syscall(SYS_sched_getaffinity, 0, 0, &set), EINVAL);
    CHECK_FAILS(syscall(SYS_sched_getaffinity, 0, 13, &set), EINVAL); /* no whole words */
    CHECK_FAILS(syscall(SYS_getcpu, (void *)-4096, NULL, NULL), EFAULT);
    CHECK_FAILS(syscall(SYS_getcpu, &cpu, page, NULL), EFAULT);
    CHECK_EQUAL(syscall(SYS_getcpu, NULL, NULL, NULL), 0);
    CHECK_EQUAL(sched_setaffinity(0, sizeof all, &all), 0);
    munmap(page, 4096);
}

int main(void) {
    RUN(test_all);
    RUN(test_self);
    RUN(test_other);
    RUN(test_inherited);
    RUN(test_crowd);
    RUN(test_wrong);
    return checks_end();
}
