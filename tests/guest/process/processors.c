/* SPDX-License-Identifier: MIT */
/*
 * The processors are those that the domain has: their number, the set one may run on, and
 * where one is. A thread runs where its affinity says, at once and from then on.
 */
// stdout-from: checks
// case: one
// args: 1
// case: two
// args: 2
// options: --vcpus 2
// case: three
// args: 3
// options: --vcpus 3
#define _GNU_SOURCE
#include <sched.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "check.h"
#include "handlers.h"

static int count;

static cpu_set_t only(int cpu) {
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    return set;
}

static void check_stays(int cpu) {
    int elsewhere = 0;

    for (int i = 0; i < 300; i++) {
        elsewhere += sched_getcpu() != cpu;
        if (i % 30 == 0)
            sched_yield();
        if (i % 100 == 0)
            sleep_ns(MILLISECOND / 2);
    }
    CHECK_EQUAL(elsewhere, 0);
}

static void *run(void *argument) {
    int cpu = (int)(long)argument;
    cpu_set_t set = only(cpu), now;

    CHECK_EQUAL(sched_setaffinity(0, sizeof set, &set), 0);
    check_stays(cpu);
    CHECK_EQUAL(sched_getaffinity(0, sizeof now, &now), 0);
    CHECK(CPU_EQUAL(&set, &now));
    set = only((cpu + 1) % count);
    CHECK_EQUAL(pthread_setaffinity_np(pthread_self(), sizeof set, &set), 0);
    check_stays((cpu + 1) % count);
    return NULL;
}

static void *look(void *argument) {
    cpu_set_t *set = argument;

    CHECK_EQUAL(sched_getaffinity(0, sizeof *set, set), 0);
    return NULL;
}

int main(int argc, char **argv) {
    pthread_t threads[32];
    cpu_set_t set;

    count = argc > 1 ? atoi(argv[1]) : 0;
    CHECK_EQUAL(sysconf(_SC_NPROCESSORS_ONLN), count);
    CHECK_EQUAL(sysconf(_SC_NPROCESSORS_CONF), count);
    CHECK(get_nprocs() == count && get_nprocs_conf() == count);
    CHECK_EQUAL(sched_getaffinity(0, sizeof set, &set), 0);
    CHECK_EQUAL(CPU_COUNT(&set), count);
    for (int i = 0; i < count; i++)
        CHECK(CPU_ISSET(i, &set));
    set = only(count); /* there is none */
    CHECK_FAILS(sched_setaffinity(0, sizeof set, &set), EINVAL);
    for (long i = 0; i < 2 * count; i++)
        CHECK_EQUAL(pthread_create(&threads[i], NULL, run, (void *)(i % count)), 0);
    for (int i = 0; i < 2 * count; i++)
        CHECK_EQUAL(pthread_join(threads[i], NULL), 0);
    /* a new thread has its creator's */
    set = only(count - 1);
    CHECK_EQUAL(sched_setaffinity(0, sizeof set, &set), 0);
    CHECK_EQUAL(sched_getcpu(), count - 1);
    cpu_set_t inherited;
    CHECK_EQUAL(pthread_create(&threads[0], NULL, look, &inherited), 0);
    CHECK_EQUAL(pthread_join(threads[0], NULL), 0);
    CHECK(CPU_EQUAL(&inherited, &set));
    return checks_end();
}
