/* SPDX-License-Identifier: MIT */
/*
 * Signals and threads: each thread has its own mask and its own pending signals; those to
 * the process go to any thread that lets them in; handlers are everybody's.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <unistd.h>

#include "check.h"
#include "handlers.h"

static volatile int calls;
static pthread_t last;
static _Thread_local int mine;

static void count(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)info, (void)context;
    __atomic_fetch_add(&calls, 1, __ATOMIC_SEQ_CST);
    mine++;
    last = pthread_self();
}

struct thread {
    pthread_t thread;
    volatile int started, ended, tid, spin, blocked_at_start, received, open_up;
    int blocked;
};

static void *live(void *argument) {
    struct thread *t = argument;

    t->blocked_at_start = is_blocked(SIGUSR2);
    if (t->blocked)
        block(SIGUSR1);
    t->tid = (int)syscall(SYS_gettid);
    t->started = 1;
    while (!t->ended) {
        if (!t->spin)
            sleep_ns(MILLISECOND);
        if (t->open_up) {
            unblock(SIGUSR1);
            t->open_up = 0;
        }
        t->received = mine;
    }
    t->received = mine;
    return t;
}

static void start(struct thread *t, int blocked, int spin) {
    *t = (struct thread){.blocked = blocked, .spin = spin};
    CHECK_EQUAL(pthread_create(&t->thread, NULL, live, t), 0);
    CHECK(await(&t->started));
}

static void end(struct thread *t) {
    t->ended = 1;
    CHECK_EQUAL(pthread_join(t->thread, NULL), 0);
}

/* A signal to a thread is that thread's, asleep or computing. */
static void test_directed(int spin) {
    struct thread t[3];

    for (int i = 0; i < 3; i++)
        start(&t[i], 0, spin && i == 1);
    for (int round = 0; round < 3; round++)
        for (int i = 0; i < 3; i++) {
            calls = 0;
            if (round == 2)
                CHECK_EQUAL(syscall(SYS_tgkill, getpid(), t[i].tid, SIGUSR1), 0);
            else
                CHECK_EQUAL(pthread_kill(t[i].thread, SIGUSR1), 0);
            CHECK(await(&calls));
            CHECK(calls == 1 && pthread_equal(last, t[i].thread));
        }
    for (int i = 0; i < 3; i++) {
        end(&t[i]);
        CHECK_EQUAL(t[i].received, 3);
    }
}

static void test_pending_is_separate(void) {
    struct thread t;

    block(SIGUSR1);
    start(&t, 0, 0); /* inherits what is blocked */
    calls = 0;
    pthread_kill(t.thread, SIGUSR1);
    CHECK(!is_pending(SIGUSR1)); /* for this thread */
    raise(SIGUSR1);
    CHECK(is_pending(SIGUSR1));
    t.open_up = 1;
    CHECK(await(&calls));
    CHECK(calls == 1 && pthread_equal(last, t.thread));
    unblock(SIGUSR1);
    CHECK(calls == 2 && pthread_equal(last, pthread_self()));
    end(&t);
}

/* The process's signals: to whoever does not block them; else to the first who opens. */
static void test_to_process(void) {
    struct thread closed, open;

    block(SIGUSR1);
    start(&closed, 1, 0);
    calls = 0;
    CHECK_EQUAL(kill(getpid(), SIGUSR1), 0);
    sleep_ns(10 * MILLISECOND);
    CHECK(calls == 0 && is_pending(SIGUSR1));
    unblock(SIGUSR1);
    CHECK(calls == 1 && pthread_equal(last, pthread_self()) && !is_pending(SIGUSR1));
    block(SIGUSR1);
    start(&open, 0, 0);
    open.open_up = 1;
    for (int patience = 5000; open.open_up && patience; patience--)
        sleep_ns(MILLISECOND);
    for (int i = 0; i < 3; i++) {
        calls = 0;
        CHECK_EQUAL(kill(getpid(), SIGUSR1), 0);
        CHECK(await(&calls));
        CHECK(pthread_equal(last, open.thread));
    }
    end(&open);
    calls = 0;
    CHECK_EQUAL(kill(getpid(), SIGUSR1), 0);
    closed.open_up = 1; /* it opens while it is pending */
    CHECK(await(&calls));
    CHECK(pthread_equal(last, closed.thread));
    end(&closed);
    unblock(SIGUSR1);
}

/* Not blocked here: it is handled here, before kill returns (POSIX). */
static void test_self_first(void) {
    struct thread t;

    start(&t, 0, 0);
    for (int i = 0; i < 20; i++) {
        calls = 0;
        kill(getpid(), SIGUSR1);
        CHECK(await(&calls));
        CHECK_EQUAL(calls, 1);
    }
    end(&t);
}

static void test_inherited(void) {
    struct thread t;

    start(&t, 0, 0);
    CHECK_EQUAL(t.blocked_at_start, 0);
    end(&t);
    block(SIGUSR2);
    start(&t, 0, 0);
    CHECK_EQUAL(t.blocked_at_start, 1);
    unblock(SIGUSR2);
    end(&t);
}

static void test_errors(void) {
    struct thread t;
    long self = syscall(SYS_gettid);

    CHECK_EQUAL(pthread_kill(pthread_self(), 0), 0);
    CHECK_EQUAL(pthread_kill(pthread_self(), 65), EINVAL);
    CHECK_FAILS(syscall(SYS_tgkill, getpid(), self, 65), EINVAL);
    CHECK_FAILS(syscall(SYS_tgkill, getpid(), 0, SIGUSR1), EINVAL);
    CHECK_FAILS(syscall(SYS_tgkill, -1, self, SIGUSR1), EINVAL);
    CHECK_FAILS(syscall(SYS_tgkill, getpid() + 0x100000, self, SIGUSR1), ESRCH);
    CHECK_FAILS(syscall(SYS_tgkill, getpid(), 0x3ffffff, SIGUSR1), ESRCH);
    CHECK_FAILS(syscall(SYS_tkill, -1, SIGUSR1), EINVAL);
    CHECK_FAILS(syscall(SYS_tkill, 0x3ffffff, SIGUSR1), ESRCH);
    CHECK_EQUAL(syscall(SYS_tkill, self, 0), 0);
    start(&t, 0, 0);
    end(&t);
    int64_t limit = read_clock(CLOCK_MONOTONIC) + 10 * SECOND;
    while (!syscall(SYS_tkill, t.tid, 0) && read_clock(CLOCK_MONOTONIC) < limit)
        sleep_ns(MILLISECOND); /* join may return a moment before it is gone */
    CHECK_FAILS(syscall(SYS_tkill, t.tid, 0), ESRCH);
    CHECK_FAILS(syscall(SYS_tkill, t.tid, SIGUSR1), ESRCH);
    /* one that has ended and can still be joined is no error (POSIX) */
    start(&t, 0, 0);
    t.ended = 1;
    limit = read_clock(CLOCK_MONOTONIC) + 10 * SECOND;
    while (!syscall(SYS_tkill, t.tid, 0) && read_clock(CLOCK_MONOTONIC) < limit)
        sleep_ns(MILLISECOND);
    CHECK_EQUAL(pthread_kill(t.thread, SIGUSR1), 0);
    CHECK_EQUAL(pthread_kill(t.thread, 0), 0);
    CHECK_EQUAL(pthread_join(t.thread, NULL), 0);
}

int main(void) {
    handle(SIGUSR1, count, 0);
    test_directed(0);
    test_directed(1);
    test_pending_is_separate();
    test_to_process();
    test_self_first();
    test_inherited();
    test_errors();
    return checks_end();
}
