/* SPDX-License-Identifier: MIT */
/*
 * timer_create and its kin: a signal, a thread or nothing; once and again, after a time and
 * at one; what remains, what was missed, what is refused. None fires early.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include <limits.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "check.h"
#include "handlers.h"

static volatile int calls, value, code, overruns, wrong_thread;
static volatile int64_t fired, due;
static clockid_t used;
static pthread_t wanted_thread;

static void keep(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)context;
    fired = read_clock(used);
    value = info->si_value.sival_int;
    code = info->si_code;
    overruns = info->si_overrun;
    wrong_thread += !pthread_equal(pthread_self(), wanted_thread);
    calls++;
}

static timer_t create(clockid_t clock, int notify, int signal, int given) {
    struct sigevent event = {.sigev_notify = notify, .sigev_signo = signal};
    timer_t timer = NULL;

    event.sigev_value.sival_int = given;
    used = clock;
    CHECK_EQUAL(timer_create(clock, &event, &timer), 0);
    return timer;
}

static void set(timer_t timer, int flags, int64_t first, int64_t interval) {
    struct itimerspec t = {.it_value = to_timespec(first),
                           .it_interval = to_timespec(interval)};

    CHECK_EQUAL(timer_settime(timer, flags, &t, NULL), 0);
}

static int64_t remaining(timer_t timer) {
    struct itimerspec t = {.it_value = {-1, -1}, .it_interval = {-1, -1}};

    CHECK_EQUAL(timer_gettime(timer, &t), 0);
    return t.it_value.tv_sec * SECOND + t.it_value.tv_nsec;
}

static void test_once(clockid_t clock) {
    timer_t timer = create(clock, SIGEV_SIGNAL, SIGUSR1, 4711);

    calls = 0;
    CHECK_EQUAL(remaining(timer), 0);
    for (int64_t ns = 1; ns <= 40 * MILLISECOND; ns = ns * 9 + 1000) {
        for (int absolute = 0; absolute < 2; absolute++) {
            calls = 0;
            due = read_clock(clock) + ns;
            set(timer, absolute ? TIMER_ABSTIME : 0, absolute ? due : ns, 0);
            CHECK(await(&calls));
            CHECK(calls == 1 && value == 4711 && code == SI_TIMER);
            CHECK(fired >= due);
            CHECK_EQUAL(remaining(timer), 0);
        }
    }
    calls = 0;
    set(timer, TIMER_ABSTIME, 1, 0); /* long ago */
    CHECK(await(&calls));
    CHECK_EQUAL(timer_delete(timer), 0);
}

static void test_again(clockid_t clock) {
    timer_t timer = create(clock, SIGEV_SIGNAL, SIGUSR1, 1);
    const int64_t first = 3 * MILLISECOND, interval = 2 * MILLISECOND;

    calls = 0;
    due = read_clock(clock) + first;
    int64_t began = due;
    set(timer, 0, first, interval);
    int total = 0;
    for (int last = 0; calls < 20;) {
        sleep_ns(MILLISECOND / 2);
        if (calls == last)
            continue;
        last = calls;
        total = overruns + total;
    }
    CHECK(read_clock(clock) >= began + 19 * interval);
    int64_t left = remaining(timer);
    CHECK(left >= 0 && left <= interval);
    struct itimerspec old, off = {0};
    CHECK_EQUAL(timer_settime(timer, 0, &off, &old), 0);
    CHECK(old.it_interval.tv_sec == 0 && old.it_interval.tv_nsec == interval);
    int stopped = calls;
    sleep_ns(3 * interval);
    CHECK_EQUAL(calls, stopped);
    CHECK_EQUAL(timer_delete(timer), 0);
}

static void test_overrun(void) {
    timer_t timer = create(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGRTMIN, 5);
    int64_t began = read_clock(CLOCK_MONOTONIC);

    block(SIGRTMIN);
    calls = 0;
    set(timer, 0, MILLISECOND, MILLISECOND);
    sleep_ns(50 * MILLISECOND);
    CHECK(is_pending(SIGRTMIN) && calls == 0);
    struct timespec zero = {0};
    siginfo_t info;
    sigset_t signals = set_of(SIGRTMIN);
    CHECK_EQUAL(sigtimedwait(&signals, &info, &zero), SIGRTMIN);
    int64_t most = (read_clock(CLOCK_MONOTONIC) - began) / MILLISECOND;
    CHECK(info.si_code == SI_TIMER && info.si_value.sival_int == 5);
    CHECK(info.si_overrun >= 30 && info.si_overrun <= most);
    CHECK_EQUAL(timer_getoverrun(timer), info.si_overrun);
    CHECK_EQUAL(timer_delete(timer), 0);
    sigtimedwait(&signals, &info, &zero); /* one may have been pending */
    CHECK(!is_pending(SIGRTMIN));
    unblock(SIGRTMIN);
}

/* A pending signal of a timer that is deleted or set anew may still come; not a later one.
 */
static void test_deleted(void) {
    timer_t timer = create(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, 6);

    calls = 0;
    set(timer, 0, 5 * MILLISECOND, 0);
    CHECK_EQUAL(timer_delete(timer), 0);
    sleep_ns(10 * MILLISECOND);
    CHECK_EQUAL(calls, 0);
    CHECK_FAILS(syscall(SYS_timer_delete, timer), EINVAL);
}

static void test_none(void) {
    timer_t timer = create(CLOCK_MONOTONIC, SIGEV_NONE, 0, 0);

    set(timer, 0, SECOND * 1000, 0);
    int64_t left = remaining(timer);
    CHECK(left > SECOND * 900 && left <= SECOND * 1000);
    set(timer, 0, MILLISECOND, 0);
    sleep_ns(3 * MILLISECOND);
    CHECK_EQUAL(remaining(timer), 0);
    set(timer, 0, MILLISECOND, 7 * MILLISECOND);
    sleep_ns(30 * MILLISECOND);
    left = remaining(timer);
    CHECK(left > 0 && left <= 7 * MILLISECOND);
    CHECK_EQUAL(timer_delete(timer), 0);
}

static void *volatile in_thread;

static void called(union sigval v) {
    in_thread = pthread_equal(pthread_self(), wanted_thread) ? NULL : v.sival_ptr;
    __atomic_fetch_add(&calls, 1, __ATOMIC_SEQ_CST);
}

static void test_thread(void) {
    struct sigevent event = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = called};
    timer_t timer;

    event.sigev_value.sival_ptr = &event;
    calls = 0;
    CHECK_EQUAL(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
    int64_t began = read_clock(CLOCK_MONOTONIC);
    set(timer, 0, 5 * MILLISECOND, 0);
    CHECK(await(&calls));
    CHECK(in_thread == &event && read_clock(CLOCK_MONOTONIC) - began >= 5 * MILLISECOND);
    calls = 0;
    set(timer, 0, MILLISECOND, MILLISECOND);
    for (int patience = 10000; calls < 5 && patience; patience--)
        sleep_ns(MILLISECOND);
    CHECK(calls >= 5);
    CHECK_EQUAL(timer_delete(timer), 0);
}

/* SIGEV_THREAD_ID: the signal goes to that thread, though this one would take it as well.
 */
static void *receive(void *argument) {
    struct sigevent event = {.sigev_notify = 4, .sigev_signo = SIGUSR1};
    pid_t self = (pid_t)syscall(SYS_gettid);
    timer_t timer;

    memcpy((char *)&event + 16, &self, sizeof self); /* no C library agrees on its name */
    wanted_thread = pthread_self();
    used = CLOCK_MONOTONIC;
    CHECK_EQUAL(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
    calls = wrong_thread = 0;
    set(timer, 0, MILLISECOND, MILLISECOND);
    while (calls < 5)
        sleep_ns(MILLISECOND);
    CHECK_EQUAL(timer_delete(timer), 0);
    CHECK_EQUAL(wrong_thread, 0);
    return argument;
}

static void test_thread_id(void) {
    pthread_t thread;

    CHECK_EQUAL(pthread_create(&thread, NULL, receive, NULL), 0);
    CHECK_EQUAL(pthread_join(thread, NULL), 0);
    wanted_thread = pthread_self();
}

static void test_default(void) {
    timer_t timer;

    handle(SIGALRM, keep, 0);
    calls = 0;
    used = CLOCK_MONOTONIC;
    CHECK_EQUAL(timer_create(CLOCK_MONOTONIC, NULL, &timer), 0);
    set(timer, 0, MILLISECOND, 0);
    CHECK(await(&calls));
    CHECK_EQUAL(code, SI_TIMER);
    CHECK_EQUAL(timer_delete(timer), 0);
}

static int order[100], ordered;

static void note(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)context;
    if (ordered < 100)
        order[ordered++] = info->si_value.sival_int;
}

/* Many at once, each a little later than the one before it; set in no order. */
static void test_many(void) {
    timer_t timers[100];
    int64_t base;

    handle(SIGRTMIN, note, 0);
    ordered = 0;
    for (int i = 0; i < 100; i++)
        timers[i] = create(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGRTMIN, i);
    base = read_clock(CLOCK_MONOTONIC) + 100 * MILLISECOND;
    for (int i = 0; i < 100; i++) {
        int which = i * 37 % 100;
        set(timers[which], TIMER_ABSTIME, base + which * 500000, 0);
    }
    for (int patience = 10000; ordered < 100 && patience; patience--)
        sleep_ns(MILLISECOND);
    CHECK_EQUAL(ordered, 100);
    for (int i = 0; i < 100; i++) {
        CHECK_EQUAL(order[i], i);
        CHECK_EQUAL(timer_delete(timers[i]), 0);
    }
}

static void test_errors(void) {
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    struct itimerspec t = {.it_value = {0, -1}};
    timer_t timer;

    CHECK_FAILS(syscall(SYS_timer_create, 99, &event, &timer), EINVAL);
    event.sigev_notify = 77;
    CHECK_FAILS(syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &timer), EINVAL);
    event = (struct sigevent){.sigev_notify = SIGEV_SIGNAL, .sigev_signo = 65};
    CHECK_FAILS(timer_create(CLOCK_MONOTONIC, &event, &timer), EINVAL);
    timer = create(CLOCK_REALTIME, SIGEV_SIGNAL, SIGUSR1, 0);
    CHECK_FAILS(timer_settime(timer, 0, &t, NULL), EINVAL);
    t.it_value = (struct timespec){0, SECOND};
    CHECK_FAILS(timer_settime(timer, 0, &t, NULL), EINVAL);
    t.it_value = (struct timespec){-1, 0};
    CHECK_FAILS(timer_settime(timer, 0, &t, NULL), EINVAL);
    t = (struct itimerspec){.it_value = {1, 0}, .it_interval = {0, SECOND}};
    CHECK_FAILS(timer_settime(timer, 0, &t, NULL), EINVAL);
    CHECK_EQUAL(remaining(timer), 0);
    CHECK_EQUAL(timer_delete(timer), 0);
    CHECK_FAILS(syscall(SYS_timer_settime, 12345, 0, &t, NULL), EINVAL);
    CHECK_FAILS(syscall(SYS_timer_gettime, 12345, &t), EINVAL);
    CHECK_FAILS(syscall(SYS_timer_getoverrun, 12345), EINVAL);
    CHECK_FAILS(syscall(SYS_timer_delete, -1), EINVAL);
}

int main(void) {
    static const clockid_t clocks[] = {CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_BOOTTIME};

    wanted_thread = pthread_self();
    handle(SIGUSR1, keep, 0);
    for (int i = 0; i < 3; i++) {
        test_once(clocks[i]);
        test_again(clocks[i]);
    }
    CHECK_EQUAL(wrong_thread, 0);
    test_overrun();
    test_deleted();
    test_none();
    test_thread();
    test_thread_id();
    test_default();
    test_many();
    test_errors();
    return checks_end();
}
