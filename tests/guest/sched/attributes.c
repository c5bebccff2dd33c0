/* SPDX-License-Identifier: MIT */
/*
 * sched_setattr and sched_getattr: the policy, priority and nice value of a thread in one,
 * in a structure whose size is the caller's; and the C library's older functions, which
 * say the same. (Natively this needs the right to real-time priorities.)
 */
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include "thread/thread.h"

#include <sys/resource.h>

enum { NOBODY = 0x3ffffff0, SIZE_0 = 48, RESET = 1, KEEP_POLICY = 8, KEEP_PARAMETERS = 16 };

/* As <linux/sched/types.h> has it. */
struct attributes {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
    uint32_t least, most;
};

static long set(int tid, const struct attributes *a, unsigned flags) {
    return syscall(SYS_sched_setattr, tid, a, flags);
}

static long get(int tid, struct attributes *a, unsigned size, unsigned flags) {
    return syscall(SYS_sched_getattr, tid, a, size, flags);
}

static struct attributes made(int policy, unsigned priority, int nice) {
    return (struct attributes){.size = sizeof(struct attributes),
                               .policy = (uint32_t)policy,
                               .priority = priority,
                               .nice = nice};
}

static struct attributes now(void) {
    struct attributes a;

    memset(&a, 0x55, sizeof a);
    CHECK_EQUAL(get(0, &a, sizeof a, 0), 0);
    return a;
}

static void check_now(int line, int policy, unsigned priority, int nice) {
    struct attributes a = now();

    if (!check_at(a.policy == (uint32_t)policy && a.priority == priority && a.nice == nice,
                  line, "policy, priority and nice value"))
        printf("    got %u, %u, %d\n", a.policy, a.priority, a.nice);
}
#define CHECK_NOW(...) check_now(__LINE__, __VA_ARGS__)

static void test_values(void) {
    struct attributes a = now();

    CHECK(a.size >= SIZE_0 && a.size <= sizeof a);
    CHECK_NOW(SCHED_OTHER, 0, getpriority(PRIO_PROCESS, 0));
    CHECK_EQUAL(a.flags, 0);
    a = made(SCHED_FIFO, 7, 0);
    CHECK_EQUAL(set(0, &a, 0), 0);
    CHECK_NOW(SCHED_FIFO, 7, 0);
    CHECK_EQUAL(syscall(SYS_sched_getscheduler, 0), SCHED_FIFO);
    a = made(SCHED_RR, 99, 5);
    a.flags = RESET;
    CHECK_EQUAL(set(gettid_now(), &a, 0), 0);
    CHECK(now().flags == RESET && now().policy == SCHED_RR && now().priority == 99);
    a = made(SCHED_BATCH, 0, 5);
    CHECK_EQUAL(set(0, &a, 0), 0);
    CHECK_NOW(SCHED_BATCH, 0, 5);
    CHECK_EQUAL(getpriority(PRIO_PROCESS, 0), 5);
    a = made(SCHED_OTHER, 0, 100); /* as far as it goes */
    CHECK_EQUAL(set(0, &a, 0), 0);
    CHECK_NOW(SCHED_OTHER, 0, 19);
    a = made(SCHED_OTHER, 0, 0);
    a.size = 0; /* the first version */
    CHECK_EQUAL(set(0, &a, 0), 0);
    CHECK_NOW(SCHED_OTHER, 0, 0);
}

static void test_kept(void) {
    struct attributes a = made(SCHED_FIFO, 7, 0);

    CHECK_EQUAL(set(0, &a, 0), 0);
    a = made(SCHED_OTHER, 9, 0);
    a.flags = KEEP_POLICY;
    CHECK_EQUAL(set(0, &a, 0), 0);
    CHECK_NOW(SCHED_FIFO, 9, 0);
    a = made(SCHED_RR, 55, 0);
    a.flags = KEEP_PARAMETERS;
    CHECK_EQUAL(set(0, &a, 0), 0);
    CHECK_NOW(SCHED_FIFO, 9, 0); /* the policy is one of them */
    a = made(SCHED_OTHER, 0, 0);
    CHECK_EQUAL(set(0, &a, 0), 0);
}

static void test_sizes(void) {
    unsigned char bytes[4096];
    struct attributes a = made(SCHED_OTHER, 0, 0), *large = (void *)bytes;

    a.size = SIZE_0 - 1;
    CHECK_FAILS(set(0, &a, 0), E2BIG);
    CHECK(a.size >= SIZE_0); /* what the system has */
    a.size = 5000;
    CHECK_FAILS(set(0, &a, 0), E2BIG);
    a.size = SIZE_0;
    CHECK_EQUAL(set(0, &a, 0), 0);
    memset(bytes, 0, sizeof bytes);
    *large = made(SCHED_OTHER, 0, 0);
    large->size = 4096;
    CHECK_EQUAL(set(0, large, 0), 0); /* nothing is in what is not known */
    bytes[4000] = 1;
    CHECK_FAILS(set(0, large, 0), E2BIG);
    memset(bytes, 0x55, sizeof bytes);
    CHECK_EQUAL(get(0, large, SIZE_0, 0), 0);
    CHECK(large->size == SIZE_0 && bytes[SIZE_0] == 0x55);
    CHECK_EQUAL(get(0, large, 4096, 0), 0);
    CHECK_FAILS(get(0, large, SIZE_0 - 1, 0), EINVAL);
    CHECK_FAILS(get(0, large, 4097, 0), EINVAL);
}

static void test_refused(void) {
    struct attributes a = made(SCHED_OTHER, 0, 0);

    CHECK_FAILS(set(0, NULL, 0), EINVAL);
    CHECK_FAILS(set(0, &a, 1), EINVAL);
    CHECK_FAILS(set(-1, &a, 0), EINVAL);
    CHECK_FAILS(set(NOBODY, &a, 0), ESRCH);
    CHECK_FAILS(set(0, (void *)-4096l, 0), EFAULT);
    CHECK_FAILS(get(0, NULL, sizeof a, 0), EINVAL);
    CHECK_FAILS(get(0, &a, sizeof a, 1), EINVAL);
    CHECK_FAILS(get(-1, &a, sizeof a, 0), EINVAL);
    CHECK_FAILS(get(NOBODY, &a, sizeof a, 0), ESRCH);
    CHECK_FAILS(get(0, (void *)-4096l, sizeof a, 0), EFAULT);
    static const struct {
        int policy;
        unsigned priority;
        uint64_t flags;
    } wrong[] = {{SCHED_OTHER, 1, 0},  {SCHED_FIFO, 0, 0},
                 {SCHED_FIFO, 100, 0}, {77, 0, 0},
                 {-1, 0, 0},           {SCHED_RR, 0x80000000, 0},
                 {SCHED_BATCH, 5, 0},  {SCHED_OTHER, 0, 0x1000},
                 {SCHED_RR, 0, 0}};
    for (size_t i = 0; i < LENGTH(wrong); i++) {
        a = made(wrong[i].policy, wrong[i].priority, 0);
        a.flags = wrong[i].flags;
        CHECK_FAILS(set(0, &a, 0), EINVAL);
    }
    CHECK_NOW(SCHED_OTHER, 0, 0);
}

static volatile int stop, tid;

static void *be_there(void *argument) {
    store(&tid, gettid_now());
    CHECK(await(&stop, 1));
    CHECK_NOW(SCHED_RR, 21, 0);
    return argument;
}

static void test_other(void) {
    struct attributes a = made(SCHED_RR, 21, 0);
    pthread_t thread = start(be_there, NULL);

    CHECK(await(&tid, 1));
    CHECK_EQUAL(set(tid, &a, 0), 0);
    CHECK_EQUAL(get(tid, &a, sizeof a, 0), 0);
    CHECK(a.policy == SCHED_RR && a.priority == 21);
    CHECK_NOW(SCHED_OTHER, 0, 0);
    store(&stop, 1);
    finish(thread);
}

static void test_functions(void) {
    struct sched_param p = {.sched_priority = 12}, got = {0};

    CHECK_EQUAL(sched_setscheduler(0, SCHED_RR, &p), 0);
    CHECK_EQUAL(sched_getscheduler(0), SCHED_RR);
    CHECK(sched_getparam(0, &got) == 0 && got.sched_priority == 12);
    p.sched_priority = 13;
    CHECK_EQUAL(sched_setparam(0, &p), 0);
    CHECK_NOW(SCHED_RR, 13, 0);
    p.sched_priority = 0;
    CHECK_FAILS(sched_setparam(0, &p), EINVAL);
    CHECK_FAILS(sched_setscheduler(0, SCHED_FIFO, &p), EINVAL);
    CHECK_FAILS(sched_setscheduler(NOBODY, SCHED_OTHER, &p), ESRCH);
    CHECK_FAILS(sched_getscheduler(NOBODY), ESRCH);
    CHECK_FAILS(sched_getparam(NOBODY, &got), ESRCH);
    CHECK_FAILS(sched_setparam(NOBODY, &p), ESRCH);
    CHECK_FAILS(sched_getparam(-1, &got), EINVAL);
    CHECK_EQUAL(sched_setscheduler(0, SCHED_OTHER, &p), 0);
}

int main(void) {
    RUN(test_values);
    RUN(test_kept);
    RUN(test_sizes);
    RUN(test_refused);
    RUN(test_other);
    RUN(test_functions);
    return checks_end();
}
