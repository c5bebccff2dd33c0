/* SPDX-License-Identifier: MIT */
/*
 * What calls on clocks and timers refuse, and with which error; times and timers of threads
 * that have ended; what a sleep on another thread's time waits for.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/times.h>
#include <sys/timex.h>
#include <unistd.h>

#include "check.h"
#include "handlers.h"

static volatile int calls, go_on;

static void count(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)info, (void)context;
    calls++;
}

/* Linux's numbers of processor clocks: 2 is the time that the scheduler counts. */
static clockid_t clock_of(int tid, int kind) {
    return (clockid_t)(~(unsigned)tid << 3 | 4 | (unsigned)kind);
}

static void test_clocks(void) {
    static const clockid_t none[] = {12, 99, -1, -100000};
    struct timespec t = {0, 1};

    for (unsigned i = 0; i < sizeof none / sizeof *none; i++) {
        CHECK_FAILS(syscall(SYS_clock_gettime, none[i], &t), EINVAL);
        CHECK_FAILS(syscall(SYS_clock_getres, none[i], &t), EINVAL);
        CHECK_FAILS(syscall(SYS_clock_getres, none[i], NULL), EINVAL);
        CHECK_FAILS(syscall(SYS_clock_nanosleep, none[i], 0, &t, NULL), EINVAL);
        CHECK_FAILS(syscall(SYS_clock_settime, none[i], &t), EINVAL);
    }
    /* the C library's own answer would come before the system's */
    CHECK_FAILS(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC_RAW, 0, &t, NULL), EOPNOTSUPP);
    CHECK_FAILS(syscall(SYS_clock_nanosleep, CLOCK_REALTIME_COARSE, 0, &t, NULL),
                EOPNOTSUPP);
    CHECK_FAILS(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC_COARSE, 0, &t, NULL),
                EOPNOTSUPP);
    CHECK_FAILS(syscall(SYS_clock_settime, CLOCK_MONOTONIC, &t), EINVAL);
    CHECK_FAILS(syscall(SYS_clock_settime, CLOCK_PROCESS_CPUTIME_ID, &t), EINVAL);
    CHECK_EQUAL(syscall(SYS_clock_nanosleep, CLOCK_TAI, 0, &t, NULL), 0);
}

static void test_adjusting(void) {
    struct timex t = {.modes = 0};
    struct timespec now;

    CHECK(adjtimex(&t) >= 0);
    CHECK_EQUAL(clock_gettime(CLOCK_REALTIME, &now), 0);
    CHECK(llabs(now.tv_sec - t.time.tv_sec) <= 1);
    CHECK(t.tick > 9000 && t.tick < 11000);
    CHECK(clock_adjtime(CLOCK_REALTIME, &t) >= 0);
    CHECK_FAILS(clock_adjtime(CLOCK_MONOTONIC, &t), EOPNOTSUPP);
    CHECK_FAILS(clock_adjtime(CLOCK_PROCESS_CPUTIME_ID, &t), EOPNOTSUPP);
    CHECK_FAILS(clock_adjtime(99, &t), EINVAL);
}

static void test_no_timers(void) {
    struct sigevent event = {.sigev_notify = SIGEV_NONE};
    int timer;

    CHECK_FAILS(syscall(SYS_timer_create, CLOCK_MONOTONIC_RAW, &event, &timer), EOPNOTSUPP);
    CHECK_FAILS(syscall(SYS_timer_create, CLOCK_REALTIME_COARSE, &event, &timer),
                EOPNOTSUPP);
    CHECK_FAILS(syscall(SYS_timer_create, CLOCK_MONOTONIC_COARSE, &event, &timer),
                EOPNOTSUPP);
    CHECK_FAILS(syscall(SYS_timer_create, 12, &event, &timer), EINVAL);
    event.sigev_notify = SIGEV_SIGNAL;
    CHECK_FAILS(syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &timer), EINVAL);
    event.sigev_signo = -1;
    CHECK_FAILS(syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &timer), EINVAL);
    event.sigev_notify = 4; /* SIGEV_THREAD_ID, for no thread */
    event.sigev_signo = SIGUSR1;
    CHECK_FAILS(syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &timer), EINVAL);
    CHECK_EQUAL(syscall(SYS_timer_create, CLOCK_TAI, NULL, &timer), 0);
    CHECK_FAILS(syscall(SYS_timer_settime, timer, 0, NULL, NULL), EINVAL);
    CHECK_EQUAL(syscall(SYS_timer_delete, timer), 0);
    CHECK_FAILS(syscall(SYS_timer_delete, timer), EINVAL);
    CHECK_FAILS(syscall(SYS_timer_getoverrun, timer), EINVAL);
}

struct ending {
    pthread_t thread;
    clockid_t clock;
    int tid, spent_timer, signal_timer;
};

/* Is ended by main; before, its time has timers, and so has it. */
static void *end_soon(void *argument) {
    struct ending *e = argument;
    struct sigevent event = {.sigev_notify = 4, .sigev_signo = SIGUSR1};
    struct itimerspec t = {.it_value = {1000, 0}};

    e->tid = (int)syscall(SYS_gettid);
    memcpy((char *)&event + 16, &e->tid, sizeof e->tid);
    CHECK_EQUAL(pthread_getcpuclockid(pthread_self(), &e->clock), 0);
    CHECK_EQUAL(syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &e->signal_timer), 0);
    event.sigev_notify = SIGEV_SIGNAL;
    CHECK_EQUAL(syscall(SYS_timer_create, CLOCK_THREAD_CPUTIME_ID, &event, &e->spent_timer),
                0);
    CHECK_EQUAL(syscall(SYS_timer_settime, e->spent_timer, 0, &t, NULL), 0);
    CHECK_FAILS(syscall(SYS_clock_nanosleep, e->clock, 0, &t.it_value, NULL), EINVAL);
    go_on = 1;
    return NULL;
}

static void test_ended_thread(void) {
    struct itimerspec t = {.it_value = {0, 1000000}, .it_interval = {0, 1000000}}, now;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    struct ending e;
    struct timespec spent;
    int timer;

    CHECK_EQUAL(pthread_create(&e.thread, NULL, end_soon, &e), 0);
    CHECK_EQUAL(pthread_join(e.thread, NULL), 0);
    while (!syscall(SYS_tgkill, getpid(), e.tid, 0)) /* joined is not quite gone */
        sleep_ns(MILLISECOND);
    calls = 0;
    CHECK_EQUAL(syscall(SYS_timer_settime, e.signal_timer, 0, &t, NULL), 0);
    sleep_ns(10 * MILLISECOND);
    CHECK_EQUAL(calls, 0); /* it is nobody else's signal */
    CHECK_EQUAL(syscall(SYS_timer_gettime, e.signal_timer, &now), 0);
    CHECK(now.it_interval.tv_nsec == MILLISECOND);
    CHECK_EQUAL(syscall(SYS_timer_delete, e.signal_timer), 0);

    CHECK_FAILS(clock_gettime(e.clock, &spent), EINVAL);
    CHECK_FAILS(clock_gettime(clock_of(e.tid, 2), &spent), EINVAL);
    CHECK_FAILS(syscall(SYS_clock_nanosleep, e.clock, 0, &t.it_value, NULL), EINVAL);
    CHECK_FAILS(syscall(SYS_timer_create, e.clock, &event, &timer), EINVAL);
    CHECK_EQUAL(syscall(SYS_timer_gettime, e.spent_timer, &now), 0);
    CHECK(now.it_value.tv_sec == 0 && now.it_value.tv_nsec == 0);
    CHECK_FAILS(syscall(SYS_timer_settime, e.spent_timer, 0, &t, NULL), ESRCH);
    CHECK_EQUAL(syscall(SYS_timer_delete, e.spent_timer), 0);
}

static void *work(void *argument) {
    go_on = 1;
    while (go_on < 2)
        ;
    return argument;
}

/* On its own time a thread cannot wait, but on another's. */
static void test_sleep_on_others_time(void) {
    struct timespec t = to_timespec(10 * MILLISECOND);
    clockid_t own = 0, its = 0;
    pthread_t thread;

    CHECK_EQUAL(pthread_getcpuclockid(pthread_self(), &own), 0);
    CHECK_FAILS(syscall(SYS_clock_nanosleep, own, 0, &t, NULL), EINVAL);
    CHECK_FAILS(syscall(SYS_clock_nanosleep, own, TIMER_ABSTIME, &t, NULL), EINVAL);
    go_on = 0;
    CHECK_EQUAL(pthread_create(&thread, NULL, work, NULL), 0);
    CHECK(await(&go_on));
    CHECK_EQUAL(pthread_getcpuclockid(thread, &its), 0);
    int64_t before = read_clock(its);
    CHECK_EQUAL(syscall(SYS_clock_nanosleep, its, 0, &t, NULL), 0);
    CHECK(read_clock(its) - before >= 10 * MILLISECOND);
    t = to_timespec(before + 20 * MILLISECOND);
    CHECK_EQUAL(syscall(SYS_clock_nanosleep, its, TIMER_ABSTIME, &t, NULL), 0);
    CHECK(read_clock(its) - before >= 20 * MILLISECOND);
    go_on = 2;
    CHECK_EQUAL(pthread_join(thread, NULL), 0);
}

/* A timer that is set anew has missed nothing yet. */
static void test_overrun_is_forgotten(void) {
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR2};
    struct itimerspec often = {.it_value = {0, 1000000}, .it_interval = {0, 1000000}};
    struct itimerspec never = {.it_value = {0}};
    sigset_t signals = set_of(SIGUSR2);
    siginfo_t info;
    timer_t timer;

    block(SIGUSR2);
    CHECK_EQUAL(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
    CHECK_EQUAL(timer_getoverrun(timer), 0);
    CHECK_EQUAL(timer_settime(timer, 0, &often, NULL), 0);
    sleep_ns(20 * MILLISECOND);
    CHECK_EQUAL(sigwaitinfo(&signals, &info), SIGUSR2);
    CHECK(info.si_overrun >= 5 && timer_getoverrun(timer) == info.si_overrun);
    CHECK_EQUAL(timer_settime(timer, 0, &never, NULL), 0);
    CHECK_EQUAL(timer_getoverrun(timer), 0);
    CHECK_EQUAL(timer_delete(timer), 0);
    handle(SIGUSR2, count, 0); /* one more may have come */
    unblock(SIGUSR2);
}

/* What is left is nowhere to be stored, or is not asked for. */
static void test_interrupted(void) {
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    struct itimerspec soon = {.it_value = {0, 5000000}, .it_interval = {0, 50000000}};
    struct timespec t = {1000, 0}, left = {0};
    timer_t timer;

    calls = 0;
    CHECK_EQUAL(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
    CHECK_EQUAL(timer_settime(timer, 0, &soon, NULL), 0);
    CHECK_FAILS(nanosleep(&t, &left), EINTR);
    CHECK(left.tv_sec >= 900 && left.tv_sec < 1000);
    CHECK_FAILS(syscall(SYS_nanosleep, &t, (void *)8), EFAULT);
    CHECK_FAILS(syscall(SYS_clock_nanosleep, CLOCK_REALTIME, 0, &t, (void *)8), EFAULT);
    t.tv_sec += read_clock(CLOCK_MONOTONIC) / SECOND;
    CHECK_FAILS(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &t, (void *)8),
                EINTR);
    handle(SIGUSR1, count, SA_RESTART); /* sleeps are not begun again */
    t = (struct timespec){1000, 0};
    CHECK_FAILS(nanosleep(&t, &left), EINTR);
    CHECK(left.tv_sec >= 900 && left.tv_sec < 1000 && calls >= 5);
    CHECK_EQUAL(timer_delete(timer), 0);
}

/* Switches of its own will are counted for the thread and the process; there is no child.
 */
static void test_usage(void) {
    struct rusage mine, all, later;
    struct tms t;

    CHECK_EQUAL(getrusage(RUSAGE_THREAD, &mine), 0);
    CHECK_EQUAL(getrusage(RUSAGE_SELF, &all), 0);
    CHECK(all.ru_nvcsw >= mine.ru_nvcsw && all.ru_nivcsw >= mine.ru_nivcsw);
    for (int i = 0; i < 5; i++)
        sleep_ns(MILLISECOND);
    CHECK_EQUAL(getrusage(RUSAGE_THREAD, &later), 0);
    CHECK(later.ru_nvcsw >= mine.ru_nvcsw + 5);
    CHECK_EQUAL(getrusage(RUSAGE_SELF, &later), 0);
    CHECK(later.ru_nvcsw >= all.ru_nvcsw + 5);
    CHECK_EQUAL(getrusage(RUSAGE_CHILDREN, &later), 0);
    CHECK(later.ru_nvcsw == 0 && later.ru_nivcsw == 0 && later.ru_maxrss == 0);
    CHECK_FAILS(getrusage(2, &later), EINVAL);
    CHECK_FAILS(getrusage(-2, &later), EINVAL);
    CHECK_FAILS(syscall(SYS_getrusage, RUSAGE_SELF, 8), EFAULT);
    CHECK(times(&t) != -1 && syscall(SYS_times, NULL) != -1);
    CHECK_FAILS(syscall(SYS_times, 8), EFAULT);
}

int main(void) {
    handle(SIGUSR1, count, 0);
    test_clocks();
    test_adjusting();
    test_no_timers();
    test_ended_thread();
    test_sleep_on_others_time();
    test_overrun_is_forgotten();
    test_interrupted();
    test_usage();
    return checks_end();
}
