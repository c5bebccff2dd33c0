/* SPDX-License-Identifier: MIT */
/*
 * gettid, tkill, tgkill and pthread_kill: each thread has its number, a signal goes to the
 * thread that is meant, wrong ones are refused.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include "thread/thread.h"

#include <signal.h>

enum { THREADS = 10 };

static volatile int ready, stop, handled[THREADS], tids[THREADS], wrong;
static _Thread_local int number = -1;

static void handle(int signal) {
    (void)signal;
    if (number < 0 || tids[number] != gettid_now())
        add(&wrong, 1);
    else
        add(&handled[number], 1);
}

static void *be_there(void *argument) {
    number = (int)(long)argument;
    tids[number] = gettid_now();
    add(&ready, 1);
    while (!load(&stop))
        if (number % 2)
            sleep_ms(1);
    return NULL;
}

static long thread_kill(int tid, int signal) {
    return syscall(SYS_tkill, tid, signal);
}

static long group_kill(int group, int tid, int signal) {
    return syscall(SYS_tgkill, group, tid, signal);
}

static void test_each(void) {
    pthread_t threads[THREADS];

    for (long i = 0; i < THREADS; i++)
        threads[i] = start(be_there, (void *)i);
    CHECK(await(&ready, THREADS));
    for (int i = 0; i < THREADS; i++) {
        CHECK_EQUAL(thread_kill(tids[i], 0), 0);
        CHECK_EQUAL(group_kill(getpid(), tids[i], 0), 0);
        CHECK_EQUAL(thread_kill(tids[i], SIGUSR1), 0);
        CHECK(await(&handled[i], 1));
        CHECK_EQUAL(group_kill(getpid(), tids[i], SIGUSR1), 0);
        CHECK(await(&handled[i], 2));
        CHECK_EQUAL(pthread_kill(threads[i], SIGUSR1), 0);
        CHECK(await(&handled[i], 3));
        CHECK_EQUAL(pthread_kill(threads[i], 0), 0);
        CHECK_EQUAL(pthread_kill(threads[i], 65), EINVAL);
    }
    store(&stop, 1);
    for (int i = 0; i < THREADS; i++)
        finish(threads[i]);
    for (int i = 0; i < THREADS; i++)
        CHECK_EQUAL(handled[i], 3);
    CHECK_EQUAL(wrong, 0);
    for (int i = 0; i < THREADS; i++)
        CHECK_FAILS(thread_kill(tids[i], 0), ESRCH); /* they are gone */
}

static void test_wrong(void) {
    int self = gettid_now();

    CHECK_FAILS(thread_kill(0x3ffffff0, 0), ESRCH);
    CHECK_FAILS(thread_kill(0x3ffffff0, SIGUSR1), ESRCH);
    CHECK_FAILS(thread_kill(0, SIGUSR1), EINVAL);
    CHECK_FAILS(thread_kill(-1, SIGUSR1), EINVAL);
    CHECK_FAILS(thread_kill(self, -1), EINVAL);
    CHECK_FAILS(thread_kill(self, 65), EINVAL);
    CHECK_FAILS(group_kill(0, self, 0), EINVAL);
    CHECK_FAILS(group_kill(-1, self, 0), EINVAL);
    CHECK_FAILS(group_kill(getpid(), 0, 0), EINVAL);
    CHECK_FAILS(group_kill(0x3ffffff0, self, 0), ESRCH);
    CHECK_FAILS(group_kill(getpid(), 0x3ffffff0, 0), ESRCH);
    CHECK_FAILS(group_kill(getpid(), self, 65), EINVAL);
}

/* To itself: it has been handled when the call returns. */
static void test_itself(void) {
    number = 0;
    tids[0] = gettid_now();
    store(&handled[0], 0);
    CHECK_EQUAL(thread_kill(tids[0], SIGUSR1), 0);
    CHECK_EQUAL(handled[0], 1);
    CHECK_EQUAL(pthread_kill(pthread_self(), SIGUSR1), 0);
    CHECK_EQUAL(handled[0], 2);
    CHECK_EQUAL(raise(SIGUSR1), 0);
    CHECK_EQUAL(handled[0], 3);
}

static void *nothing(void *argument) {
    return argument;
}

/* A number comes back at the earliest when its thread is gone; many come and go. */
static void test_numbers(void) {
    for (int i = 0; i < 300; i++) {
        pthread_t thread = start(nothing, NULL);

        pthread_kill(thread, 0);
        finish(thread);
    }
    CHECK_EQUAL(gettid_now(), getpid());
}

int main(void) {
    struct sigaction action = {.sa_handler = handle};

    sigaction(SIGUSR1, &action, NULL);
    RUN(test_each);
    RUN(test_wrong);
    RUN(test_itself);
    RUN(test_numbers);
    return checks_end();
}
