/* SPDX-License-Identifier: MIT */
/*
 * setitimer, getitimer and alarm: of real time, of the process's own time and of all that
 * is spent for it; once and again; what was left of the one before; what is refused.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include <sys/time.h>
#include <unistd.h>

#include "check.h"
#include "handlers.h"

static volatile int calls[65];

static void count(int signal, siginfo_t *info, void *context) {
    (void)info, (void)context;
    calls[signal]++;
}

static struct itimerval make(int64_t first, int64_t interval) {
    return (struct itimerval){
        .it_value = {first / SECOND, first % SECOND / 1000},
        .it_interval = {interval / SECOND, interval % SECOND / 1000},
    };
}

static int64_t to_ns(struct timeval t) {
    return t.tv_sec * SECOND + t.tv_usec * 1000;
}

static void set(int which, int64_t first, int64_t interval) {
    struct itimerval t = make(first, interval);

    CHECK_EQUAL(setitimer(which, &t, NULL), 0);
}

static void test_real(void) {
    struct itimerval now, off = {0};

    for (int64_t ns = 1000; ns < 50 * MILLISECOND; ns *= 7) {
        calls[SIGALRM] = 0;
        int64_t began = read_clock(CLOCK_MONOTONIC);
        set(ITIMER_REAL, ns, 0);
        CHECK(await(&calls[SIGALRM]));
        CHECK(calls[SIGALRM] == 1 && read_clock(CLOCK_MONOTONIC) - began >= ns);
        CHECK_EQUAL(getitimer(ITIMER_REAL, &now), 0);
        CHECK(to_ns(now.it_value) == 0 && to_ns(now.it_interval) == 0);
    }
    calls[SIGALRM] = 0;
    int64_t began = read_clock(CLOCK_MONOTONIC);
    set(ITIMER_REAL, 2 * MILLISECOND, 3 * MILLISECOND);
    while (calls[SIGALRM] < 10)
        sleep_ns(MILLISECOND);
    CHECK(read_clock(CLOCK_MONOTONIC) - began >= 29 * MILLISECOND);
    CHECK_EQUAL(getitimer(ITIMER_REAL, &now), 0);
    CHECK(to_ns(now.it_interval) == 3 * MILLISECOND &&
          to_ns(now.it_value) <= 3 * MILLISECOND);
    CHECK_EQUAL(setitimer(ITIMER_REAL, &off, &now), 0);
    CHECK_EQUAL(to_ns(now.it_interval), 3 * MILLISECOND);
    int last = calls[SIGALRM];
    sleep_ns(10 * MILLISECOND);
    CHECK_EQUAL(calls[SIGALRM], last);
    set(ITIMER_REAL, 0, MILLISECOND); /* no first time: it does not run */
    sleep_ns(5 * MILLISECOND);
    CHECK_EQUAL(calls[SIGALRM], last);
}

static void work(volatile int *until) {
    int64_t end = read_clock(CLOCK_MONOTONIC) + 20 * SECOND;

    for (volatile unsigned n = 0; !*until; n++)
        if (n % 4096 == 0 && read_clock(CLOCK_MONOTONIC) > end)
            break;
}

/* These run only while the process does. */
static void test_own_time(int which, int signal) {
    struct itimerval left;
    int64_t began = read_clock(CLOCK_PROCESS_CPUTIME_ID);

    calls[signal] = 0;
    set(which, 20 * MILLISECOND, 0);
    sleep_ns(60 * MILLISECOND);
    CHECK_EQUAL(calls[signal], 0); /* sleeping is free */
    CHECK_EQUAL(getitimer(which, &left), 0);
    CHECK(to_ns(left.it_value) > 0 && to_ns(left.it_value) <= 25 * MILLISECOND);
    work(&calls[signal]);
    CHECK_EQUAL(calls[signal], 1);
    /* Linux counts this in ticks */
    CHECK(read_clock(CLOCK_PROCESS_CPUTIME_ID) - began >= 5 * MILLISECOND);
    calls[signal] = 0;
    set(which, 5 * MILLISECOND, 5 * MILLISECOND);
    for (int i = 1; i <= 3; i++) {
        volatile int *c = &calls[signal];
        *c = 0;
        work(c);
        CHECK(*c >= 1);
    }
    set(which, 0, 0);
}

static void test_alarm(void) {
    struct itimerval now;

    CHECK_EQUAL(alarm(0), 0);
    CHECK_EQUAL(alarm(100), 0);
    CHECK_EQUAL(getitimer(ITIMER_REAL, &now), 0); /* it is the same timer */
    CHECK(to_ns(now.it_value) > 90 * SECOND && to_ns(now.it_value) <= 100 * SECOND);
    CHECK(to_ns(now.it_interval) == 0);
    unsigned left = alarm(1);
    CHECK(left >= 90 && left <= 100);
    calls[SIGALRM] = 0;
    int64_t began = read_clock(CLOCK_MONOTONIC);
    while (!calls[SIGALRM] && read_clock(CLOCK_MONOTONIC) - began < 20 * SECOND)
        sleep(1); /* ends early */
    CHECK_EQUAL(calls[SIGALRM], 1);
    CHECK(read_clock(CLOCK_MONOTONIC) - began >= SECOND - 10 * MILLISECOND);
    CHECK_EQUAL(alarm(0), 0);
    alarm(1000);
    left = alarm(0);
    CHECK(left >= 990 && left <= 1000);
    calls[SIGALRM] = 0;
    CHECK_EQUAL(ualarm(3000, 0), 0);
    CHECK(await(&calls[SIGALRM]));
}

/* The three do not know of one another. */
static void test_separate(void) {
    struct itimerval now;

    set(ITIMER_REAL, 500 * SECOND, 0);
    set(ITIMER_VIRTUAL, 600 * SECOND, 0);
    set(ITIMER_PROF, 700 * SECOND, 0);
    CHECK_EQUAL(getitimer(ITIMER_REAL, &now), 0);
    CHECK(to_ns(now.it_value) > 490 * SECOND && to_ns(now.it_value) <= 500 * SECOND);
    CHECK_EQUAL(getitimer(ITIMER_VIRTUAL, &now), 0);
    CHECK(to_ns(now.it_value) > 590 * SECOND && to_ns(now.it_value) <= 601 * SECOND);
    CHECK_EQUAL(getitimer(ITIMER_PROF, &now), 0);
    CHECK(to_ns(now.it_value) > 690 * SECOND && to_ns(now.it_value) <= 701 * SECOND);
    set(ITIMER_REAL, 0, 0);
    set(ITIMER_VIRTUAL, 0, 0);
    set(ITIMER_PROF, 0, 0);
}

static void test_errors(void) {
    struct itimerval t = make(SECOND, 0);

    CHECK_FAILS(setitimer(99, &t, NULL), EINVAL);
    CHECK_FAILS(getitimer(99, &t), EINVAL);
    CHECK_FAILS(setitimer(-1, &t, NULL), EINVAL);
    t.it_value.tv_usec = 1000000;
    CHECK_FAILS(setitimer(ITIMER_REAL, &t, NULL), EINVAL);
    t.it_value.tv_usec = -1;
    CHECK_FAILS(setitimer(ITIMER_REAL, &t, NULL), EINVAL);
    t = make(SECOND, 0);
    t.it_value.tv_sec = -1;
    CHECK_FAILS(setitimer(ITIMER_REAL, &t, NULL), EINVAL);
    t = make(SECOND, 0);
    t.it_interval.tv_usec = 1000000;
    CHECK_FAILS(setitimer(ITIMER_REAL, &t, NULL), EINVAL);
    CHECK_EQUAL(getitimer(ITIMER_REAL, &t), 0);
    CHECK_EQUAL(to_ns(t.it_value), 0);
}

int main(void) {
    handle(SIGALRM, count, 0);
    handle(SIGVTALRM, count, 0);
    handle(SIGPROF, count, 0);
    test_real();
    test_own_time(ITIMER_VIRTUAL, SIGVTALRM);
    test_own_time(ITIMER_PROF, SIGPROF);
    test_alarm();
    test_separate();
    test_errors();
    return checks_end();
}
