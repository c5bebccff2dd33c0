/* SPDX-License-Identifier: MIT */
/*
 * Scheduling policies and priorities as calls and as attributes: what is set is got, what
 * makes no sense is refused. musl's sched_setscheduler and its kin make no call, so the
 * calls are made directly. (Natively this needs the right to real-time priorities.)
 */
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include "thread/thread.h"

#include <sys/mman.h>

#ifndef SCHED_RESET_ON_FORK
#    define SCHED_RESET_ON_FORK 0x40000000
#endif

enum { NOBODY = 0x3ffffff0 };

static long set(int tid, int policy, int priority) {
    struct sched_param p = {.sched_priority = priority};

    return syscall(SYS_sched_setscheduler, tid, policy, &p);
}

static long policy_of(int tid) {
    return syscall(SYS_sched_getscheduler, tid);
}

static int priority_of(int tid) {
    struct sched_param p = {.sched_priority = -1};

    CHECK_EQUAL(syscall(SYS_sched_getparam, tid, &p), 0);
    return p.sched_priority;
}

static void test_ranges(void) {
    CHECK_EQUAL(sched_get_priority_min(SCHED_FIFO), 1);
    CHECK_EQUAL(sched_get_priority_max(SCHED_FIFO), 99);
    CHECK_EQUAL(sched_get_priority_min(SCHED_RR), 1);
    CHECK_EQUAL(sched_get_priority_max(SCHED_RR), 99);
    CHECK_EQUAL(sched_get_priority_min(SCHED_OTHER), 0);
    CHECK_EQUAL(sched_get_priority_max(SCHED_OTHER), 0);
    CHECK_EQUAL(sched_get_priority_max(SCHED_BATCH), 0);
    CHECK_EQUAL(sched_get_priority_max(SCHED_IDLE), 0);
    CHECK_FAILS(sched_get_priority_min(77), EINVAL);
    CHECK_FAILS(sched_get_priority_max(-1), EINVAL);
}

static void test_self(void) {
    static const struct {
        int policy, priority;
    } cases[] = {{SCHED_FIFO, 1}, {SCHED_FIFO, 99}, {SCHED_RR, 50},   {SCHED_BATCH, 0},
                 {SCHED_IDLE, 0}, {SCHED_OTHER, 0}, {SCHED_FIFO, 10}, {SCHED_OTHER, 0}};

    CHECK(policy_of(0) == SCHED_OTHER && priority_of(0) == 0);
    for (size_t i = 0; i < LENGTH(cases); i++) {
        CHECK_EQUAL(set(0, cases[i].policy, cases[i].priority), 0);
        CHECK_EQUAL(policy_of(0), cases[i].policy);
        CHECK_EQUAL(policy_of(gettid_now()), cases[i].policy);
        CHECK_EQUAL(priority_of(0), cases[i].priority);
    }
}

static void test_refused(void) {
    CHECK_FAILS(set(0, SCHED_FIFO, 0), EINVAL);
    CHECK_FAILS(set(0, SCHED_FIFO, 100), EINVAL);
    CHECK_FAILS(set(0, SCHED_RR, -1), EINVAL);
    CHECK_FAILS(set(0, SCHED_OTHER, 1), EINVAL);
    CHECK_FAILS(set(0, SCHED_BATCH, 1), EINVAL);
    CHECK_FAILS(set(0, 77, 0), EINVAL);
    CHECK_FAILS(set(0, -1, 0), EINVAL);
    CHECK_FAILS(set(-1, SCHED_OTHER, 0), EINVAL);
    CHECK_FAILS(set(NOBODY, SCHED_OTHER, 0), ESRCH);
    CHECK_FAILS(syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, NULL), EINVAL);
    CHECK_FAILS(syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, -4096l), EFAULT);
    CHECK_FAILS(syscall(SYS_sched_getscheduler, -1), EINVAL);
    CHECK_FAILS(syscall(SYS_sched_getscheduler, NOBODY), ESRCH);
    CHECK_FAILS(syscall(SYS_sched_getparam, 0, NULL), EINVAL);
    CHECK_FAILS(syscall(SYS_sched_getparam, 0, -4096l), EFAULT);
    CHECK(policy_of(0) == SCHED_OTHER && priority_of(0) == 0);
}

static void test_parameters(void) {
    struct sched_param p = {.sched_priority = 20};

    CHECK_EQUAL(set(0, SCHED_FIFO, 10), 0);
    CHECK_EQUAL(syscall(SYS_sched_setparam, 0, &p), 0);
    CHECK(policy_of(0) == SCHED_FIFO && priority_of(0) == 20);
    p.sched_priority = 0;
    CHECK_FAILS(syscall(SYS_sched_setparam, 0, &p), EINVAL);
    CHECK_FAILS(syscall(SYS_sched_setparam, 0, NULL), EINVAL);
    CHECK_FAILS(syscall(SYS_sched_setparam, NOBODY, &p), ESRCH);
    CHECK_EQUAL(priority_of(0), 20);
    CHECK_EQUAL(set(0, SCHED_OTHER, 0), 0);
    CHECK_EQUAL(syscall(SYS_sched_setparam, 0, &p), 0);
}

static void test_slice(void) {
    struct timespec slice = {-1, -1};

    CHECK_EQUAL(set(0, SCHED_RR, 10), 0);
    CHECK_EQUAL(sched_rr_get_interval(0, &slice), 0);
    CHECK(slice.tv_sec == 0 && slice.tv_nsec > 0);
    CHECK_EQUAL(set(0, SCHED_FIFO, 10), 0);
    CHECK_EQUAL(sched_rr_get_interval(0, &slice), 0);
    CHECK(slice.tv_sec == 0 && slice.tv_nsec == 0);
    CHECK_EQUAL(set(0, SCHED_OTHER, 0), 0);
    CHECK_EQUAL(sched_rr_get_interval(0, &slice), 0);
    CHECK(slice.tv_sec >= 0 && slice.tv_nsec >= 0 && slice.tv_nsec < SECOND);
    CHECK_FAILS(sched_rr_get_interval(NOBODY, &slice), ESRCH);
    CHECK_FAILS(sched_rr_get_interval(-1, &slice), EINVAL);
    CHECK_FAILS(syscall(SYS_sched_rr_get_interval, 0, -4096l), EFAULT);
}

static void *see(void *argument) {
    struct sched_param p = {.sched_priority = -1};
    int policy = -1;

    CHECK_EQUAL(pthread_getschedparam(pthread_self(), &policy, &p), 0);
    CHECK_EQUAL(policy_of(0), policy);
    return (char *)argument + policy * 1000 + p.sched_priority;
}

static void test_inherited(void) {
    CHECK_EQUAL(finish(start(see, NULL)), SCHED_OTHER * 1000);
    CHECK_EQUAL(set(0, SCHED_FIFO, 12), 0);
    CHECK_EQUAL(finish(start(see, NULL)), SCHED_FIFO * 1000 + 12);
    CHECK_EQUAL(set(0, SCHED_RR | SCHED_RESET_ON_FORK, 13), 0);
    CHECK_EQUAL(policy_of(0), SCHED_RR | SCHED_RESET_ON_FORK);
    CHECK_EQUAL(finish(start(see, NULL)), SCHED_OTHER * 1000);
    CHECK_EQUAL(set(0, SCHED_OTHER, 0), 0);
}

static void test_attributes(void) {
    struct sched_param p = {.sched_priority = 33};
    pthread_attr_t a;
    pthread_t thread;

    pthread_attr_init(&a);
    CHECK_EQUAL(pthread_attr_setschedpolicy(&a, SCHED_RR), 0);
    CHECK_EQUAL(pthread_attr_setschedparam(&a, &p), 0);
    CHECK_EQUAL(finish(start_with(&a, see, NULL)), SCHED_OTHER * 1000); /* inherits */
    CHECK_EQUAL(pthread_attr_setinheritsched(&a, PTHREAD_EXPLICIT_SCHED), 0);
    CHECK_EQUAL(finish(start_with(&a, see, NULL)), SCHED_RR * 1000 + 33);
    CHECK_EQUAL(set(0, SCHED_FIFO, 5), 0);
    CHECK_EQUAL(finish(start_with(&a, see, NULL)), SCHED_RR * 1000 + 33);
    pthread_attr_setschedpolicy(&a, SCHED_OTHER);
    p.sched_priority = 0;
    pthread_attr_setschedparam(&a, &p);
    CHECK_EQUAL(finish(start_with(&a, see, NULL)), SCHED_OTHER * 1000);
    CHECK_EQUAL(set(0, SCHED_OTHER, 0), 0);
    pthread_attr_setschedpolicy(&a, SCHED_FIFO); /* with priority 0 */
    CHECK_EQUAL(pthread_create(&thread, &a, see, NULL), EINVAL);
    pthread_attr_setschedpolicy(&a, SCHED_OTHER);
    CHECK_EQUAL(finish(start_with(&a, see, NULL)), SCHED_OTHER * 1000);
    pthread_attr_destroy(&a);
}

static volatile int stop;

static void *be_there(void *argument) {
    while (!load(&stop))
        sleep_ms(1);
    return see(argument);
}

static void test_others(void) {
    pthread_t thread = start(be_there, NULL);
    struct sched_param p = {.sched_priority = 44};
    int policy = -1;

    CHECK_EQUAL(pthread_setschedparam(thread, SCHED_FIFO, &p), 0);
    p.sched_priority = 0;
    CHECK_EQUAL(pthread_getschedparam(thread, &policy, &p), 0);
    CHECK(policy == SCHED_FIFO && p.sched_priority == 44);
    CHECK_EQUAL(pthread_setschedprio(thread, 45), 0);
    CHECK_EQUAL(pthread_setschedprio(thread, 100), EINVAL);
    CHECK_EQUAL(pthread_setschedparam(thread, SCHED_OTHER, &p), EINVAL);
    store(&stop, 1);
    CHECK_EQUAL(finish(thread), SCHED_FIFO * 1000 + 45);
    CHECK(policy_of(0) == SCHED_OTHER);
}

int main(void) {
    RUN(test_ranges);
    RUN(test_self);
    RUN(test_refused);
    RUN(test_parameters);
    RUN(test_slice);
    RUN(test_inherited);
    RUN(test_attributes);
    RUN(test_others);
    return checks_end();
}
