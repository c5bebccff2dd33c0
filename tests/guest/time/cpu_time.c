/* SPDX-License-Identifier: MIT */
/*
 * The processor time of the process and of each thread: computing costs, sleeping does not,
 * nobody pays for another, and the sum is the process's. What getrusage, times and clock
 * say agrees; one can sleep for such a time and have timers of it.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include <sys/resource.h>
#include <sys/times.h>
#include <unistd.h>

#include "check.h"
#include "handlers.h"

static volatile int calls, ready, go_on;
static volatile int64_t spent_by_thread;

static void count(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)info, (void)context;
    calls++;
}

/* Computes until the thread has spent so much. */
static void spend(int64_t ns) {
    int64_t end = read_clock(CLOCK_THREAD_CPUTIME_ID) + ns;

    while (read_clock(CLOCK_THREAD_CPUTIME_ID) < end)
        for (volatile int i = 0; i < 1000; i++)
            ;
}

static void test_computing_and_sleeping(clockid_t clock) {
    int64_t before = read_clock(clock);
    int64_t began = read_clock(CLOCK_MONOTONIC);

    spend(20 * MILLISECOND);
    int64_t spent = read_clock(clock) - before;
    CHECK(spent >= 20 * MILLISECOND);
    CHECK(spent <= read_clock(CLOCK_MONOTONIC) - began + 10 * MILLISECOND);
    before = read_clock(clock);
    sleep_ns(200 * MILLISECOND);
    CHECK(read_clock(clock) - before < 100 * MILLISECOND);
}

static void *run(void *argument) {
    int64_t before = read_clock(CLOCK_THREAD_CPUTIME_ID);

    CHECK(before < 5 * SECOND); /* it began at 0 */
    spend(30 * MILLISECOND);
    spent_by_thread = read_clock(CLOCK_THREAD_CPUTIME_ID);
    ready = 1;
    while (!go_on)
        sleep_ns(MILLISECOND);
    return argument;
}

static void test_threads(void) {
    int64_t mine = read_clock(CLOCK_THREAD_CPUTIME_ID);
    int64_t all = read_clock(CLOCK_PROCESS_CPUTIME_ID);
    pthread_t thread;
    clockid_t its = 0, own = 0;

    ready = go_on = 0;
    CHECK_EQUAL(pthread_create(&thread, NULL, run, NULL), 0);
    CHECK(await(&ready));
    CHECK(spent_by_thread >= 30 * MILLISECOND);
    CHECK_EQUAL(pthread_getcpuclockid(thread, &its), 0);
    int64_t now = read_clock(its);
    CHECK(now >= spent_by_thread && now < spent_by_thread + SECOND);
    CHECK_EQUAL(pthread_getcpuclockid(pthread_self(), &own), 0);
    int64_t a = read_clock(own), b = read_clock(CLOCK_THREAD_CPUTIME_ID),
            c = read_clock(own);
    CHECK(a <= b && b <= c);
    CHECK(read_clock(CLOCK_PROCESS_CPUTIME_ID) - all >=
          spent_by_thread + (b - mine) - 5 * MILLISECOND);
    go_on = 1;
    CHECK_EQUAL(pthread_join(thread, NULL), 0);
    /* what an ended thread spent stays spent */
    CHECK(read_clock(CLOCK_PROCESS_CPUTIME_ID) - all >= spent_by_thread);
}

static void test_process_clock(void) {
    clockid_t clock = 0;
    struct timespec t;

    CHECK_EQUAL(clock_getcpuclockid(0, &clock), 0);
    int64_t a = read_clock(clock), b = read_clock(CLOCK_PROCESS_CPUTIME_ID);
    CHECK(a > 0 && a <= b && b <= read_clock(clock));
    CHECK_EQUAL(clock_getcpuclockid(getpid(), &clock), 0);
    CHECK(read_clock(clock) >= b);
    CHECK_EQUAL(clock_getres(clock, &t), 0);
    CHECK(t.tv_sec == 0 && t.tv_nsec >= 1);
    int error = clock_getcpuclockid(0x3ffffff, &clock);
    CHECK(error == ESRCH || error == EINVAL); /* as the C library has it */
    CHECK_FAILS(clock_gettime((clockid_t)(~0x3ffffffu << 3 | 2), &t), EINVAL);
}

static int64_t to_ns(struct timeval t) {
    return t.tv_sec * SECOND + t.tv_usec * 1000;
}

static void test_agree(void) {
    struct rusage all, mine, children;
    struct tms t;

    spend(20 * MILLISECOND);
    int64_t before = read_clock(CLOCK_PROCESS_CPUTIME_ID);
    CHECK_EQUAL(getrusage(RUSAGE_SELF, &all), 0);
    CHECK_EQUAL(getrusage(RUSAGE_THREAD, &mine), 0);
    CHECK_EQUAL(getrusage(RUSAGE_CHILDREN, &children), 0);
    CHECK_FAILS(getrusage(77, &all), EINVAL);
    int64_t sum = to_ns(all.ru_utime) + to_ns(all.ru_stime);
    CHECK(llabs(sum - before) < 100 * MILLISECOND);
    CHECK(to_ns(mine.ru_utime) + to_ns(mine.ru_stime) <= sum);
    CHECK(to_ns(mine.ru_utime) + to_ns(mine.ru_stime) >= 20 * MILLISECOND);
    CHECK(to_ns(children.ru_utime) + to_ns(children.ru_stime) == 0);
    CHECK(all.ru_maxrss > 0);
    long tick = sysconf(_SC_CLK_TCK);
    clock_t elapsed = times(&t);
    CHECK(tick == 100 && elapsed != (clock_t)-1);
    int64_t in_ticks = (t.tms_utime + t.tms_stime) * (SECOND / tick);
    CHECK(llabs(in_ticks - before) < 150 * MILLISECOND);
    CHECK(t.tms_cutime == 0 && t.tms_cstime == 0);
    int64_t by_clock = clock() * (SECOND / CLOCKS_PER_SEC);
    CHECK(by_clock >= before - MILLISECOND && by_clock < before + SECOND);
    sleep_ns(50 * MILLISECOND);
    CHECK(times(&t) - elapsed >= 4);
}

static void *work(void *argument) {
    while (!go_on)
        spend(MILLISECOND);
    return argument;
}

static void test_sleep_of_process_time(void) {
    struct timespec t = to_timespec(15 * MILLISECOND);
    pthread_t thread;

    go_on = 0;
    CHECK_EQUAL(pthread_create(&thread, NULL, work, NULL), 0);
    int64_t before = read_clock(CLOCK_PROCESS_CPUTIME_ID);
    CHECK_EQUAL(clock_nanosleep(CLOCK_PROCESS_CPUTIME_ID, 0, &t, NULL), 0);
    CHECK(read_clock(CLOCK_PROCESS_CPUTIME_ID) - before >= 15 * MILLISECOND);
    t = to_timespec(read_clock(CLOCK_PROCESS_CPUTIME_ID) + 10 * MILLISECOND);
    CHECK_EQUAL(clock_nanosleep(CLOCK_PROCESS_CPUTIME_ID, TIMER_ABSTIME, &t, NULL), 0);
    CHECK(read_clock(CLOCK_PROCESS_CPUTIME_ID) >= t.tv_sec * SECOND + t.tv_nsec);
    go_on = 1;
    CHECK_EQUAL(pthread_join(thread, NULL), 0);
}

static void test_timer(clockid_t clock) {
    struct itimerspec t = {.it_value = to_timespec(10 * MILLISECOND)}, left;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    timer_t timer;

    calls = 0;
    CHECK_EQUAL(timer_create(clock, &event, &timer), 0);
    int64_t before = read_clock(clock);
    CHECK_EQUAL(timer_settime(timer, 0, &t, NULL), 0);
    CHECK_EQUAL(timer_gettime(timer, &left), 0);
    CHECK(left.it_value.tv_nsec > 0 && left.it_value.tv_nsec <= 10 * MILLISECOND);
    for (int64_t end = read_clock(CLOCK_MONOTONIC) + 20 * SECOND;
         !calls && read_clock(CLOCK_MONOTONIC) < end;)
        spend(MILLISECOND);
    CHECK_EQUAL(calls, 1);
    CHECK(read_clock(clock) - before >= 10 * MILLISECOND);
    CHECK_EQUAL(timer_delete(timer), 0);
}

int main(void) {
    handle(SIGUSR1, count, 0);
    test_computing_and_sleeping(CLOCK_PROCESS_CPUTIME_ID);
    test_computing_and_sleeping(CLOCK_THREAD_CPUTIME_ID);
    test_threads();
    test_process_clock();
    test_agree();
    test_sleep_of_process_time();
    test_timer(CLOCK_PROCESS_CPUTIME_ID);
    test_timer(CLOCK_THREAD_CPUTIME_ID);
    return checks_end();
}
