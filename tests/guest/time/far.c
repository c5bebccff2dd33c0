/* SPDX-License-Identifier: MIT */
/*
 * Times as far away as can be said are not taken for near ones, on any clock and by any
 * call; a signal ends such a sleep early, and what is left of it is said where it was
 * relative.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include <limits.h>
#include <semaphore.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "check.h"
#include "handlers.h"

static const clockid_t clocks[] = {CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_BOOTTIME};
enum { CLOCKS = sizeof clocks / sizeof *clocks };

static const struct timespec farthest = {LONG_MAX, SECOND - 1};
static const int64_t a_year = 365l * 86400;

/* Not every system has a header for these. */
enum { FUTEX_WAIT = 0, FUTEX_WAIT_BITSET = 9, FUTEX_REALTIME = 256 };

static volatile int calls;
static timer_t waker;

static void count(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)info, (void)context;
    calls++;
}

/* A signal comes in a moment, and again, in case it came too early. */
static void call_soon(void) {
    struct itimerspec soon = {.it_value = to_timespec(5 * MILLISECOND),
                              .it_interval = to_timespec(20 * MILLISECOND)};

    calls = 0;
    CHECK_EQUAL(timer_settime(waker, 0, &soon, NULL), 0);
}

static void be_called_no_more(void) {
    struct itimerspec never = {.it_value = {0}};

    CHECK_EQUAL(timer_settime(waker, 0, &never, NULL), 0);
    CHECK(calls >= 1);
}

static void test_sleep(void) {
    for (int i = 0; i < CLOCKS; i++) {
        struct timespec left = {77, 77};
        call_soon();
        CHECK_EQUAL(clock_nanosleep(clocks[i], TIMER_ABSTIME, &farthest, &left), EINTR);
        CHECK(left.tv_sec == 77 && left.tv_nsec == 77);
        CHECK_EQUAL(clock_nanosleep(clocks[i], 0, &farthest, &left), EINTR);
        CHECK(left.tv_sec > a_year && left.tv_nsec >= 0 && left.tv_nsec < SECOND);
        CHECK_EQUAL(clock_nanosleep(clocks[i], 0, &farthest, NULL), EINTR);
        be_called_no_more();
    }
    struct timespec left = {0};
    call_soon();
    CHECK_FAILS(nanosleep(&farthest, &left), EINTR);
    CHECK(left.tv_sec > a_year);
    be_called_no_more();
}

static long wait_for(int operation, const struct timespec *limit) {
    static int word;

    return syscall(SYS_futex, &word, operation, 0, limit, NULL, -1);
}

static void test_futex(void) {
    struct timespec limit = farthest;
    sem_t semaphore;

    call_soon();
    CHECK_FAILS(wait_for(FUTEX_WAIT, &limit), EINTR);
    CHECK_FAILS(wait_for(FUTEX_WAIT_BITSET, &limit), EINTR);
    CHECK_FAILS(wait_for(FUTEX_WAIT_BITSET | FUTEX_REALTIME, &limit), EINTR);
    CHECK_EQUAL(sem_init(&semaphore, 0, 0), 0);
    CHECK_FAILS(sem_timedwait(&semaphore, &limit), EINTR);
    be_called_no_more();
}

static void test_signal_wait(void) {
    sigset_t signals = set_of(SIGUSR2);

    call_soon();
    /* the C library's own would wait on */
    CHECK_FAILS(syscall(SYS_rt_sigtimedwait, &signals, NULL, &farthest, 8), EINTR);
    be_called_no_more();
}

static void test_timer(clockid_t clock, int flags) {
    struct itimerspec t = {.it_value = farthest, .it_interval = farthest}, now;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    timer_t timer;

    calls = 0;
    CHECK_EQUAL(timer_create(clock, &event, &timer), 0);
    CHECK_EQUAL(timer_settime(timer, flags, &t, NULL), 0);
    sleep_ns(5 * MILLISECOND);
    CHECK_EQUAL(timer_gettime(timer, &now), 0);
    CHECK(now.it_value.tv_sec > a_year && now.it_interval.tv_sec > a_year);
    CHECK_EQUAL(calls, 0);
    t.it_value = (struct timespec){0, 1}; /* now, and then not for very long */
    CHECK_EQUAL(timer_settime(timer, flags, &t, &now), 0);
    CHECK(now.it_value.tv_sec > a_year && now.it_interval.tv_sec > a_year);
    CHECK(await(&calls));
    sleep_ns(5 * MILLISECOND);
    CHECK_EQUAL(calls, 1);
    CHECK_EQUAL(timer_gettime(timer, &now), 0);
    CHECK(now.it_value.tv_sec > a_year);
    CHECK_EQUAL(timer_delete(timer), 0);
}

/* Linux goes wrong with LONG_MAX for processor time. */
static void test_interval(int which, int signal, long seconds) {
    struct itimerval t = {.it_value = {seconds, 999999}, .it_interval = {seconds, 0}}, now;

    handle(signal, count, 0);
    calls = 0;
    CHECK_EQUAL(setitimer(which, &t, NULL), 0);
    sleep_ns(5 * MILLISECOND);
    CHECK_EQUAL(getitimer(which, &now), 0);
    CHECK(now.it_value.tv_sec > a_year && now.it_interval.tv_sec > a_year);
    t = (struct itimerval){.it_value = {0}};
    CHECK_EQUAL(setitimer(which, &t, &now), 0);
    CHECK(now.it_value.tv_sec > a_year && now.it_interval.tv_sec > a_year);
    CHECK_EQUAL(calls, 0);
}

int main(void) {
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};

    handle(SIGUSR1, count, 0);
    CHECK_EQUAL(timer_create(CLOCK_MONOTONIC, &event, &waker), 0);
    test_sleep();
    test_futex();
    test_signal_wait();
    for (int i = 0; i < CLOCKS; i++) {
        test_timer(clocks[i], 0);
        test_timer(clocks[i], TIMER_ABSTIME);
    }
    test_interval(ITIMER_REAL, SIGALRM, LONG_MAX);
    test_interval(ITIMER_VIRTUAL, SIGVTALRM, INT_MAX);
    test_interval(ITIMER_PROF, SIGPROF, INT_MAX);
    CHECK(alarm(UINT_MAX) == 0 && alarm(0) > a_year);
    return checks_end();
}
