/* SPDX-License-Identifier: MIT */
/*
 * Many threads send at once, to one another and to the process: no queued signal is lost,
 * doubled or out of its sender's order, whether it is waited for or handled.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "check.h"
#include "handlers.h"

enum { SENDERS = 4, EACH = 150, HANDLERS = 3 };

static volatile int handled[SENDERS][EACH], plain, stop, ready;

/* The value: who sent it, and as which. */
static void *send_all(void *argument) {
    long me = (long)argument;

    for (int i = 0; i < EACH; i++) {
        union sigval v = {.sival_int = (int)me << 16 | i};
        while (sigqueue(getpid(), SIGRTMIN + 1, v))
            sched_yield(); /* EAGAIN: too many at once */
        if (i % 8 == 0)
            sched_yield();
    }
    return NULL;
}

static void start(pthread_t *threads, int count, void *(*function)(void *)) {
    for (long i = 0; i < count; i++)
        CHECK_EQUAL(pthread_create(&threads[i], NULL, function, (void *)i), 0);
}

static void join(pthread_t *threads, int count) {
    for (int i = 0; i < count; i++)
        CHECK_EQUAL(pthread_join(threads[i], NULL), 0);
}

static void test_waited_for(void) {
    pthread_t senders[SENDERS];
    int next[SENDERS] = {0};
    sigset_t set = set_of(SIGRTMIN + 1);
    struct timespec patience = {20, 0}, zero = {0};

    block(SIGRTMIN + 1);
    start(senders, SENDERS, send_all);
    for (int i = 0; i < SENDERS * EACH; i++) {
        siginfo_t info;
        if (!CHECK(sigtimedwait(&set, &info, &patience) == SIGRTMIN + 1))
            break;
        int who = info.si_value.sival_int >> 16;
        CHECK(info.si_code == SI_QUEUE && who >= 0 && who < SENDERS);
        CHECK_EQUAL(info.si_value.sival_int & 0xffff, next[who]++);
    }
    join(senders, SENDERS);
    CHECK_FAILS(sigtimedwait(&set, NULL, &zero), EAGAIN);
}

static void handle_one(int signal, siginfo_t *info, void *context) {
    int value = info->si_value.sival_int;

    (void)signal, (void)context;
    __atomic_fetch_add(&handled[value >> 16][value & 0xffff], 1, __ATOMIC_SEQ_CST);
}

/* Lets them in, and computes meanwhile. */
static void *be_interrupted(void *argument) {
    unblock(SIGRTMIN + 1);
    __atomic_fetch_add(&ready, 1, __ATOMIC_SEQ_CST);
    while (!stop)
        if (argument)
            sleep_ns(MILLISECOND);
    return NULL;
}

static void test_handled(void) {
    pthread_t senders[SENDERS], handlers[HANDLERS];
    int lost = 0, doubled = 0;

    handle(SIGRTMIN + 1, handle_one, SA_RESTART);
    block(SIGRTMIN + 1); /* here, and so in the senders */
    start(handlers, HANDLERS, be_interrupted);
    start(senders, SENDERS, send_all);
    join(senders, SENDERS);
    for (int patience = 5000; is_pending(SIGRTMIN + 1) && patience; patience--)
        sleep_ns(MILLISECOND);
    stop = 1;
    join(handlers, HANDLERS);
    for (int i = 0; i < SENDERS * EACH; i++) {
        lost += handled[i / EACH][i % EACH] == 0;
        doubled += handled[i / EACH][i % EACH] > 1;
    }
    CHECK(lost == 0 && doubled == 0);
}

static void count(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)info, (void)context;
    __atomic_fetch_add(&plain, 1, __ATOMIC_SEQ_CST);
}

static pthread_t all[SENDERS];

static void *send_around(void *argument) {
    long me = (long)argument;

    while (!ready)
        sched_yield();
    for (int i = 0; i < EACH; i++)
        pthread_kill(all[(me + i) % SENDERS], SIGUSR1);
    __atomic_fetch_add(&ready, 1, __ATOMIC_SEQ_CST);
    while (ready <= SENDERS) /* a thread must not be gone when it is sent to */
        sched_yield();
    return NULL;
}

/* Each to each: all go on to the end. */
static void test_around(void) {
    handle(SIGUSR1, count, 0);
    ready = 0;
    start(all, SENDERS, send_around);
    ready = 1;
    join(all, SENDERS);
    CHECK(plain >= SENDERS && plain <= SENDERS * EACH);
}

int main(void) {
    test_waited_for();
    test_handled();
    test_around();
    return checks_end();
}
