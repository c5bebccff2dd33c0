/* SPDX-License-Identifier: MIT */
/*
 * The stress test's signals and timers: each signal reaches the thread that it was sent to,
 * queued ones as often as they were sent; no timer fires early.
 */
#ifndef ATMAN_TESTS_STRESS_SIGNALS_H
#define ATMAN_TESTS_STRESS_SIGNALS_H

#include "stress/stress.h"

#include <sys/time.h>

#define SIG_COUNTED (SIGRTMIN + 2)
#define SIG_TIMER (SIGRTMIN + 3)

static volatile int alarms;

static void on_counted(int number) {
    (void)number;
    if (!CHECK(self && self->tid == gettid_now()))
        return;
    add(&self->handled, 1);
}

static void on_ordinary(int number) {
    int before = errno;
    struct timespec time = {.tv_nsec = 1000};

    (void)number;
    if (CHECK(self && self->tid == gettid_now()))
        add(&self->ordinary, 1);
    nanosleep(&time, NULL);
    errno = before;
}

static void on_timer(int number, siginfo_t *info, void *context) {
    struct worker *w = info->si_value.sival_ptr;

    (void)number, (void)context;
    CHECK_EQUAL(info->si_code, SI_TIMER);
    CHECK(w >= workers && w < workers + WORKERS && w->deadline != 0);
    CHECK(now_ns(CLOCK_MONOTONIC) >= w->deadline);
    add(&w->fired, 1);
}

static void on_alarm(int number) {
    (void)number;
    add(&alarms, 1);
}

static void signals_start(void) {
    struct itimerval often = {{0, 7000}, {0, 7000}};
    struct sigaction action = {.sa_handler = on_counted, .sa_flags = SA_RESTART};

    sigaction(SIG_COUNTED, &action, NULL);
    action.sa_handler = on_alarm;
    sigaction(SIGALRM, &action, NULL);
    action = (struct sigaction){.sa_handler = on_ordinary};
    sigaction(SIGUSR1, &action, NULL);
    action = (struct sigaction){.sa_sigaction = on_timer, .sa_flags = SA_SIGINFO};
    sigaction(SIG_TIMER, &action, NULL);
    CHECK_EQUAL(setitimer(ITIMER_REAL, &often, NULL), 0);
}

static void send_signal(void) {
    struct worker *to = &workers[below(WORKERS)];
    int error;

    if (below(2)) {
        CHECK_EQUAL(pthread_kill(to->thread, SIGUSR1), 0);
        return;
    }
    add(&to->sent, 1);
    error = pthread_kill(to->thread, SIG_COUNTED);
    if (error) { /* too many are queued */
        CHECK_EQUAL(error, EAGAIN);
        add(&to->sent, -1);
    }
}

/* Signals that come while they are blocked wait. */
static void block_signals(void) {
    sigset_t all, before;
    int handled;

    sigfillset(&all);
    CHECK_EQUAL(pthread_sigmask(SIG_BLOCK, &all, &before), 0);
    handled = self->handled + self->ordinary;
    sleep_us(below(300));
    CHECK_EQUAL(self->handled + self->ordinary, handled);
    CHECK_EQUAL(pthread_sigmask(SIG_SETMASK, &before, NULL), 0);
}

static void use_timer(void) {
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
                             .sigev_signo = SIG_TIMER,
                             .sigev_value.sival_ptr = self};
    int kept = below(4) != 0;
    long ns = kept ? (long)below(2 * MS) + 1 : 3600 * SECOND;
    struct itimerspec when = {.it_value = time_of(ns)};
    timer_t timer;

    self->fired = 0;
    self->deadline = now_ns(CLOCK_MONOTONIC) + ns;
    if (timer_create(CLOCK_MONOTONIC, &event, &timer) < 0) {
        CHECK_EQUAL(errno, EAGAIN);
        return;
    }
    CHECK_EQUAL(timer_settime(timer, 0, &when, NULL), 0);
    for (int i = 0; kept && load(&self->fired) == 0; i++) {
        sleep_us(300);
        if (i == 50000) {
            CHECK(!"a timer never fired");
            break;
        }
    }
    CHECK_EQUAL(timer_delete(timer), 0);
    CHECK_EQUAL(load(&self->fired), kept);
    self->deadline = 0;
}

/* By a worker that does nothing more, with its signals not blocked. */
static void signals_end(void) {
    struct itimerval none = {0};

    setitimer(ITIMER_REAL, &none, NULL);
    for (int i = 0; i < 10000 && load(&self->handled) != load(&self->sent); i++)
        sleep_us(1000);
    CHECK_EQUAL(self->handled, self->sent);
}

#endif
