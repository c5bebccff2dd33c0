/* SPDX-License-Identifier: MIT */
/*
 * Waiting for signals: sigwait, sigwaitinfo, sigtimedwait, sigsuspend, pause. What each
 * takes, what it leaves to a handler, how long it waits, and what interrupts it.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <unistd.h>

#include "check.h"
#include "handlers.h"

static volatile int calls, blocked_inside, ready;

static void count(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)info, (void)context;
    calls++;
    blocked_inside = is_blocked(SIGUSR2);
}

struct later {
    pthread_t thread, target;
    int64_t delay;
    int signal, to_process;
    volatile int again; /* until this is 0: the first may come too early to end a wait */
};

static void *send_later(void *argument) {
    struct later *l = argument;

    do {
        sleep_ns(l->delay);
        if (l->to_process)
            kill(getpid(), l->signal);
        else
            pthread_kill(l->target, l->signal);
    } while (l->again);
    return NULL;
}

/* Another thread sends signal after delay, to this thread or to the process. */
static void start(struct later *l, int signal, int64_t delay, int to_process, int again) {
    *l = (struct later){.target = pthread_self(),
                        .delay = delay,
                        .signal = signal,
                        .to_process = to_process,
                        .again = again};
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old); /* it shall take none itself */
    CHECK_EQUAL(pthread_create(&l->thread, NULL, send_later, l), 0);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
}

static void begin(struct later *l, int signal, int64_t delay, int to_process) {
    start(l, signal, delay, to_process, 0);
}

static void end(struct later *l) {
    l->again = 0;
    CHECK_EQUAL(pthread_join(l->thread, NULL), 0);
}

static void test_sigwait(void) {
    sigset_t set = set_of(SIGUSR1);
    struct later l;
    int got = 0;

    sigaddset(&set, SIGUSR2);
    handle(SIGUSR1, count, 0);
    block(SIGUSR1);
    block(SIGUSR2);
    calls = 0;
    raise(SIGUSR2);
    raise(SIGUSR1);
    CHECK(sigwait(&set, &got) == 0 && got == SIGUSR1); /* the lowest */
    CHECK(sigwait(&set, &got) == 0 && got == SIGUSR2);
    CHECK(!is_pending(SIGUSR1) && !is_pending(SIGUSR2));
    for (int to_process = 0; to_process < 2; to_process++) {
        begin(&l, SIGUSR1, 5 * MILLISECOND, to_process);
        CHECK(sigwait(&set, &got) == 0 && got == SIGUSR1);
        end(&l);
    }
    CHECK_EQUAL(calls, 0); /* no handler */
    CHECK(is_blocked(SIGUSR1) && is_blocked(SIGUSR2));
    signal(SIGUSR1, SIG_IGN); /* waiting for it comes before ignoring it */
    raise(SIGUSR1);
    CHECK(sigwait(&set, &got) == 0 && got == SIGUSR1);
    unblock(SIGUSR1);
    unblock(SIGUSR2);
}

static void test_info(void) {
    sigset_t set = set_of(SIGUSR1);
    struct later l;
    siginfo_t info;

    block(SIGUSR1);
    begin(&l, SIGUSR1, 5 * MILLISECOND, 1);
    memset(&info, 0x55, sizeof info);
    CHECK_EQUAL(sigwaitinfo(&set, &info), SIGUSR1);
    CHECK(info.si_signo == SIGUSR1 && info.si_code == SI_USER && info.si_pid == getpid());
    end(&l);
    begin(&l, SIGUSR1, 5 * MILLISECOND, 0);
    CHECK_EQUAL(sigwaitinfo(&set, &info), SIGUSR1);
    CHECK(info.si_code == SI_TKILL || info.si_code == SI_USER); /* glibc: the latter */
    end(&l);
    raise(SIGUSR1);
    CHECK_EQUAL(sigwaitinfo(&set, NULL), SIGUSR1);
    sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 7});
    CHECK_EQUAL(sigwaitinfo(&set, &info), SIGUSR1);
    CHECK(info.si_code == SI_QUEUE && info.si_value.sival_int == 7);
    unblock(SIGUSR1);
}

static void test_timed(void) {
    sigset_t set = set_of(SIGUSR1), none = set_of(0);
    struct later l;
    siginfo_t info;

    block(SIGUSR1);
    for (int64_t ns = 0; ns <= 30 * MILLISECOND; ns += 10 * MILLISECOND) {
        struct timespec t = to_timespec(ns);
        int64_t began = read_clock(CLOCK_MONOTONIC);
        CHECK_FAILS(sigtimedwait(&set, &info, &t), EAGAIN);
        CHECK(read_clock(CLOCK_MONOTONIC) >= began + ns);
        CHECK_FAILS(sigtimedwait(&none, &info, &t), EAGAIN);
    }
    struct timespec zero = {0}, hour = {3600, 0};
    raise(SIGUSR1);
    CHECK_EQUAL(sigtimedwait(&set, &info, &zero), SIGUSR1);
    begin(&l, SIGUSR1, 5 * MILLISECOND, 0);
    CHECK_EQUAL(sigtimedwait(&set, &info, &hour), SIGUSR1);
    end(&l);
    const struct timespec wrong[] = {{0, -1}, {0, SECOND}, {-1, 0}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        CHECK_FAILS(sigtimedwait(&set, &info, &wrong[i]), EINVAL);
    CHECK_FAILS(syscall(SYS_rt_sigtimedwait, &set, &info, &zero, 4), EINVAL);
    unblock(SIGUSR1);
}

/* By system call, since musl's function goes on waiting. */
static void test_timed_interrupted(void) {
    sigset_t set = set_of(SIGUSR1);
    struct timespec hour = {3600, 0};
    struct later l;
    siginfo_t info;

    block(SIGUSR1);
    for (int flags = 0; flags <= SA_RESTART; flags += SA_RESTART) {
        handle(SIGUSR2, count, flags);
        calls = 0;
        start(&l, SIGUSR2, 5 * MILLISECOND, 0, 1);
        CHECK_FAILS(syscall(SYS_rt_sigtimedwait, &set, &info, &hour, 8), EINTR);
        CHECK(calls >= 1);
        end(&l);
    }
    unblock(SIGUSR1);
}

static void test_suspend(void) {
    sigset_t others;
    struct later l;

    handle(SIGUSR1, count, SA_RESTART);
    handle(SIGUSR2, count, 0);
    block(SIGUSR1);
    for (int to_process = 0; to_process < 2; to_process++) {
        sigfillset(&others);
        sigdelset(&others, SIGUSR1);
        calls = 0;
        begin(&l, SIGUSR1, 5 * MILLISECOND, to_process);
        CHECK_FAILS(sigsuspend(&others), EINTR);
        CHECK_EQUAL(calls, 1);
        CHECK(blocked_inside); /* the handler has the mask of the wait */
        CHECK(is_blocked(SIGUSR1) && !is_blocked(SIGUSR2));
        end(&l);
    }
    calls = 0;
    raise(SIGUSR1); /* pending: no wait */
    CHECK_EQUAL(calls, 0);
    CHECK_FAILS(sigsuspend(&others), EINTR);
    CHECK(calls == 1 && !is_pending(SIGUSR1));
    CHECK_FAILS(syscall(SYS_rt_sigsuspend, &others, 7), EINVAL);
    /* one that the wait blocks does not end it; it comes as soon as the old mask is back */
    raise(SIGUSR1);
    begin(&l, SIGUSR2, 0, 0);
    end(&l); /* handled before */
    CHECK_EQUAL(calls, 2);
    CHECK_FAILS(sigsuspend(&others), EINTR);
    CHECK_EQUAL(calls, 3);
    unblock(SIGUSR1);
}

static void test_pause(void) {
    struct later l, other;

    handle(SIGUSR1, count, SA_RESTART);
    calls = 0;
    start(&l, SIGUSR1, 10 * MILLISECOND, 0, 1);
    CHECK_FAILS(pause(), EINTR);
    CHECK(calls >= 1);
    end(&l);
    /* ignored signals do not end it */
    signal(SIGUSR2, SIG_IGN);
    calls = 0;
    int64_t began = read_clock(CLOCK_MONOTONIC);
    start(&l, SIGUSR2, 5 * MILLISECOND, 0, 1);
    start(&other, SIGUSR1, 60 * MILLISECOND, 0, 1);
    CHECK_FAILS(pause(), EINTR);
    CHECK(calls >= 1 && read_clock(CLOCK_MONOTONIC) - began >= 60 * MILLISECOND);
    end(&l);
    end(&other);
}

static void *wait_for_one(void *argument) {
    sigset_t set = set_of(SIGUSR1);
    int got = 0;

    __atomic_fetch_add(&ready, 1, __ATOMIC_SEQ_CST);
    *(int *)argument = sigwait(&set, &got) == 0 ? got : -1;
    return NULL;
}

/* Several wait for the process's signal: each signal goes to one. */
static void test_many_waiters(void) {
    pthread_t threads[4];
    int got[4] = {0};

    block(SIGUSR1);
    ready = 0;
    for (int i = 0; i < 4; i++)
        CHECK_EQUAL(pthread_create(&threads[i], NULL, wait_for_one, &got[i]), 0);
    for (int sent = 0; sent < 4; sent++) {
        for (int patience = 5000; is_pending(SIGUSR1) && patience; patience--)
            sleep_ns(MILLISECOND);
        kill(getpid(), SIGUSR1);
    }
    for (int i = 0; i < 4; i++) {
        CHECK_EQUAL(pthread_join(threads[i], NULL), 0);
        CHECK_EQUAL(got[i], SIGUSR1);
    }
    CHECK(!is_pending(SIGUSR1));
    unblock(SIGUSR1);
}

int main(void) {
    test_sigwait();
    test_info();
    test_timed();
    test_timed_interrupted();
    test_suspend();
    test_pause();
    test_many_waiters();
    return checks_end();
}
