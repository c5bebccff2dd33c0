/* SPDX-License-Identifier: MIT */
/*
 * The hypervisor's administrator sets the wall clock. The clock shows it at once; who waits
 * for a time of day by it wakes when that is seen, which is within ten seconds, and not
 * before its time; who waits for a while, or by another clock, does not notice. The test
 * plays the hypervisor: it writes to shared_info, which %gs points to on the first vCPU.
 */
// clock: instructions
// stdout-from: checks
// vcpus: 1 2
#define _GNU_SOURCE
#include <sched.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "check.h"
#include "handlers.h"

enum { FUTEX_LOCK_PI = 6, FUTEX_WAIT_BITSET = 9, FUTEX_REALTIME = 256 };
enum { SEEN = 10 }; /* seconds, at most, until it is */

static int held; /* a mutex that lends priority; main's */

/* xen/include/public/xen.h, struct shared_info: wc_version, wc_sec. Odd: being changed. */
static void move_wall_clock(int seconds) {
    __asm__ volatile("incl %%gs:3072; addl %0, %%gs:3076; incl %%gs:3072"
                     :
                     : "r"(seconds)
                     : "memory");
}

static struct timespec in(clockid_t clock, int seconds) {
    return to_timespec(read_clock(clock) + seconds * SECOND);
}

struct waiter {
    int (*wait)(int seconds);
    int seconds;
    pthread_t thread;
    int64_t waited; /* ns of the monotonic clock */
    int result;
};

static int sleep_until(int seconds) {
    struct timespec t = in(CLOCK_REALTIME, seconds);

    return clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &t, NULL);
}

static int sleep_for(int seconds) {
    struct timespec t = {seconds, 0};

    return clock_nanosleep(CLOCK_REALTIME, 0, &t, NULL);
}

static int sleep_until_steady(int seconds) {
    struct timespec t = in(CLOCK_MONOTONIC, seconds);

    return clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

/* 0 as the others: the time was over. */
static int wait_until(int seconds) {
    struct timespec t = in(CLOCK_REALTIME, seconds);
    int word = 0;

    return syscall(SYS_futex, &word, FUTEX_WAIT_BITSET | FUTEX_REALTIME, 0, &t, NULL, -1) !=
               -1 ||
           errno != ETIMEDOUT;
}

static int wait_until_steady(int seconds) {
    struct timespec t = in(CLOCK_MONOTONIC, seconds);
    int word = 0;

    return syscall(SYS_futex, &word, FUTEX_WAIT_BITSET, 0, &t, NULL, -1) != -1 ||
           errno != ETIMEDOUT;
}

static int lock_until(int seconds) {
    struct timespec t = in(CLOCK_REALTIME, seconds);

    return syscall(SYS_futex, &held, FUTEX_LOCK_PI, 0, &t, NULL, 0) != -1 ||
           errno != ETIMEDOUT;
}

static int wait_for_timer(int seconds, int flags) {
    struct itimerspec t = {.it_value = {seconds, 0}};
    struct sigevent event = {.sigev_notify = 4, .sigev_signo = SIGRTMIN};
    int self = (int)syscall(SYS_gettid);
    sigset_t signals = set_of(SIGRTMIN);
    timer_t timer;

    memcpy((char *)&event + 16, &self, sizeof self); /* SIGEV_THREAD_ID */
    if (flags)
        t.it_value = in(CLOCK_REALTIME, seconds);
    timer_create(CLOCK_REALTIME, &event, &timer);
    timer_settime(timer, flags, &t, NULL);
    int got = sigwaitinfo(&signals, NULL);
    timer_delete(timer);
    return got != SIGRTMIN;
}

static int timer_at(int seconds) {
    return wait_for_timer(seconds, TIMER_ABSTIME);
}

static int timer_in(int seconds) {
    return wait_for_timer(seconds, 0);
}

static void *run(void *argument) {
    struct waiter *w = argument;
    int64_t began = read_clock(CLOCK_MONOTONIC);

    w->result = w->wait(w->seconds);
    w->waited = read_clock(CLOCK_MONOTONIC) - began;
    return NULL;
}

/* Whom it concerns that the clock is moved, and whom it does not. */
static int (*const by_wall[])(int) = {sleep_until, wait_until, lock_until, timer_at};
static int (*const steady[])(int) = {sleep_for, sleep_until_steady, wait_until_steady,
                                     timer_in};
enum { KINDS = 4 };

/* All wait for so long; after a second the clock is moved. */
static void test(int seconds, int by, int least, int most) {
    struct waiter waiters[2 * KINDS];

    for (int i = 0; i < 2 * KINDS; i++) {
        waiters[i] =
            (struct waiter){.wait = i < KINDS ? by_wall[i] : steady[i - KINDS], seconds};
        CHECK_EQUAL(pthread_create(&waiters[i].thread, NULL, run, &waiters[i]), 0);
    }
    sleep_ns(SECOND);
    move_wall_clock(by);
    for (int i = 0; i < 2 * KINDS; i++) {
        CHECK_EQUAL(pthread_join(waiters[i].thread, NULL), 0);
        CHECK_EQUAL(waiters[i].result, 0);
        int from = i < KINDS ? least : seconds, to = i < KINDS ? most : seconds + 1;
        if (!CHECK(waiters[i].waited >= from * SECOND && waiters[i].waited < to * SECOND))
            printf("    waiter %d of %d waited %ld ms\n", i, seconds,
                   (long)(waiters[i].waited / MILLISECOND));
    }
}

static void test_shown(void) {
    int64_t steady_before = read_clock(CLOCK_MONOTONIC);
    int64_t before = read_clock(CLOCK_REALTIME), seconds = time(NULL);
    struct timeval t;

    move_wall_clock(5000);
    CHECK(read_clock(CLOCK_REALTIME) - before >= 5000 * SECOND);
    CHECK(read_clock(CLOCK_REALTIME) - before < 5001 * SECOND);
    CHECK(read_clock(CLOCK_REALTIME_COARSE) - before >= 5000 * SECOND);
    CHECK(time(NULL) - seconds >= 5000 && time(NULL) - seconds <= 5001);
    CHECK(!gettimeofday(&t, NULL) && t.tv_sec - seconds >= 5000);
    CHECK(read_clock(CLOCK_MONOTONIC) - steady_before < SECOND);
    CHECK(read_clock(CLOCK_BOOTTIME) - steady_before < SECOND);
    move_wall_clock(-5000);
    CHECK(read_clock(CLOCK_REALTIME) - before < SECOND);
}

int main(void) {
    cpu_set_t first;

    CPU_ZERO(&first);
    CPU_SET(0, &first);
    sched_setaffinity(0, sizeof first, &first); /* %gs is another's elsewhere */
    held = (int)syscall(SYS_gettid);
    block(SIGRTMIN);
    test_shown();
    test(100, 1000, 1, SEEN + 2); /* it is late at once */
    test(40, -60, 100, 101);      /* that is 60 s more to wait */
    test(40, 20, 20, 21);         /* and 20 s less */
    return checks_end();
}
