/* SPDX-License-Identifier: MIT */
/*
 * prctl beside names: what can be set is told afterwards, in every thread; what cannot be
 * is refused. Two priorities of the process (nice values) by group and by user.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include "thread/thread.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static void test_dumpable(void) {
    CHECK_EQUAL(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 1);
    CHECK_EQUAL(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), 0);
    CHECK_EQUAL(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
    CHECK_FAILS(prctl(PR_SET_DUMPABLE, 2, 0, 0, 0), EINVAL);
    CHECK_FAILS(prctl(PR_SET_DUMPABLE, -1, 0, 0, 0), EINVAL);
    CHECK_EQUAL(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), 0);
    CHECK_EQUAL(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 1);
}

static void test_flags(void) {
    int value = -1;

    CHECK_EQUAL(prctl(PR_GET_KEEPCAPS, 0, 0, 0, 0), 0);
    CHECK_EQUAL(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0), 0);
    CHECK_EQUAL(prctl(PR_GET_KEEPCAPS, 0, 0, 0, 0), 1);
    CHECK_FAILS(prctl(PR_SET_KEEPCAPS, 2, 0, 0, 0), EINVAL);
    CHECK_EQUAL(prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0), 0);
    CHECK_EQUAL(prctl(PR_GET_CHILD_SUBREAPER, &value, 0, 0, 0), 0);
    CHECK_EQUAL(value, 0);
    CHECK_EQUAL(prctl(PR_SET_CHILD_SUBREAPER, 7, 0, 0, 0), 0);
    CHECK_EQUAL(prctl(PR_GET_CHILD_SUBREAPER, &value, 0, 0, 0), 0);
    CHECK_EQUAL(value, 1);
    CHECK_EQUAL(prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0), 0);
    CHECK_FAILS(prctl(PR_GET_CHILD_SUBREAPER, -4096l, 0, 0, 0), EFAULT);
}

static void test_death_signal(void) {
    int value = -1;

    CHECK_EQUAL(prctl(PR_GET_PDEATHSIG, &value, 0, 0, 0), 0);
    CHECK_EQUAL(value, 0);
    CHECK_EQUAL(prctl(PR_SET_PDEATHSIG, SIGUSR1, 0, 0, 0), 0);
    CHECK_EQUAL(prctl(PR_GET_PDEATHSIG, &value, 0, 0, 0), 0);
    CHECK_EQUAL(value, SIGUSR1);
    CHECK_FAILS(prctl(PR_SET_PDEATHSIG, 65, 0, 0, 0), EINVAL);
    CHECK_FAILS(prctl(PR_SET_PDEATHSIG, -1, 0, 0, 0), EINVAL);
    CHECK_FAILS(prctl(PR_GET_PDEATHSIG, NULL, 0, 0, 0), EFAULT);
    CHECK_EQUAL(prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0), 0);
}

static void *look(void *argument) {
    CHECK_EQUAL(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
    return argument;
}

/* Once set, it stays, also for threads to come. */
static void test_privileges(void) {
    CHECK_FAILS(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0), EINVAL);
    CHECK_FAILS(prctl(PR_SET_NO_NEW_PRIVS, 1, 1, 0, 0), EINVAL);
    CHECK_FAILS(prctl(PR_GET_NO_NEW_PRIVS, 1, 0, 0, 0), EINVAL);
    CHECK_EQUAL(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
    CHECK_EQUAL(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
    finish(start(look, NULL));
}

static void test_slack(void) {
    CHECK(prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0) > 0);
    CHECK_EQUAL(prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0), 0);
    CHECK_EQUAL(prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0), 1);
    CHECK_EQUAL(prctl(PR_SET_TIMERSLACK, 0, 0, 0, 0), 0); /* what it was before */
    CHECK(prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0) > 0);
}

static void test_unknown(void) {
    static const int operations[] = {0, -1, 5000, 0x7fffffff};

    for (size_t i = 0; i < LENGTH(operations); i++)
        CHECK_FAILS(prctl(operations[i], 0, 0, 0, 0), EINVAL);
    CHECK_FAILS(prctl(PR_SET_NAME, NULL, 0, 0, 0), EFAULT);
    CHECK_FAILS(prctl(PR_GET_NAME, NULL, 0, 0, 0), EFAULT);
}

/* The most favourable of all; here all have the same. */
static void test_priorities(void) {
    errno = 0;
    int before = getpriority(PRIO_PROCESS, 0);
    CHECK_EQUAL(errno, 0);
    CHECK(getpriority(PRIO_PGRP, 0) <= before && errno == 0);
    CHECK(getpriority(PRIO_PGRP, getpgrp()) <= before && errno == 0);
    CHECK(getpriority(PRIO_USER, 0) <= before && errno == 0);
    CHECK(getpriority(PRIO_USER, (id_t)getuid()) <= before && errno == 0);
    CHECK_FAILS(getpriority(PRIO_PGRP, 0x3ffffff), ESRCH);
    CHECK_FAILS(getpriority(PRIO_USER, 0x3ffffff), ESRCH);
    CHECK_FAILS(setpriority(PRIO_PGRP, 0x3ffffff, 0), ESRCH);
    CHECK_FAILS(setpriority(PRIO_USER, 0x3ffffff, 0), ESRCH);
    CHECK_FAILS(setpriority(PRIO_PROCESS, -1, 0), ESRCH);
    CHECK_FAILS(setpriority(-1, 0, 0), EINVAL);
}

static volatile int started, may_end, tid;

static void *have_own(void *argument) {
    tid = gettid_now();
    store(&started, 1);
    CHECK(await(&may_end, 1));
    CHECK_EQUAL(getpriority(PRIO_PROCESS, 0), (int)(long)argument + 4);
    return argument;
}

/* Under Linux it is each thread's own, and the first one's is the process's. */
static void test_threads(void) {
    int before = getpriority(PRIO_PROCESS, 0);
    pthread_t thread = start(have_own, (void *)(long)before);

    CHECK(await(&started, 1));
    CHECK_EQUAL(getpriority(PRIO_PROCESS, (id_t)tid), before); /* inherited */
    CHECK_EQUAL(setpriority(PRIO_PROCESS, (id_t)tid, before + 4), 0);
    CHECK_EQUAL(getpriority(PRIO_PROCESS, (id_t)tid), before + 4);
    CHECK_EQUAL(getpriority(PRIO_PROCESS, 0), before);
    store(&may_end, 1);
    finish(thread);
}

int main(void) {
    RUN(test_dumpable);
    RUN(test_flags);
    RUN(test_death_signal);
    RUN(test_privileges);
    RUN(test_slack);
    RUN(test_unknown);
    RUN(test_priorities);
    RUN(test_threads);
    return checks_end();
}
