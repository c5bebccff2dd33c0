/* SPDX-License-Identifier: MIT */
/*
 * Thousands of timers at once fire once each, none early. Threads that make, set and delete
 * timers while they fire, and others that set and ask for timers by ids that may be gone,
 * disturb nothing but these.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <unistd.h>

#include "check.h"
#include "handlers.h"
#include "random.h"

enum { MANY = 2000, THREADS = 4, ROUNDS = 200, WANTED = 4711 };

static int64_t due[MANY];
static int fired[MANY];
static volatile int early, strange, left, over;

static void note(int signal, siginfo_t *info, void *context) {
    int which = info->si_value.sival_int;

    (void)signal, (void)context;
    if (info->si_code != SI_TIMER || which < 0 || which >= MANY) {
        strange++;
        return;
    }
    if (read_clock(CLOCK_MONOTONIC) < due[which])
        early++;
    fired[which]++;
    left--;
}

static void note_value(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)context;
    if (info->si_code != SI_TIMER || info->si_value.sival_int != WANTED)
        __atomic_fetch_add(&strange, 1, __ATOMIC_SEQ_CST);
}

/* The system's own calls: the C library looks into ids. */
static int create(int signal, int value) {
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = signal};
    int timer = -1;

    event.sigev_value.sival_int = value;
    CHECK_EQUAL(syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &timer), 0);
    return timer;
}

static long set(int timer, int flags, int64_t first, int64_t interval) {
    struct itimerspec t = {.it_value = to_timespec(first),
                           .it_interval = to_timespec(interval)};

    return syscall(SYS_timer_settime, timer, flags, &t, NULL);
}

static void test_many(void) {
    static int timers[MANY];
    int64_t start = read_clock(CLOCK_MONOTONIC) + 500 * MILLISECOND;

    left = MANY;
    for (int i = 0; i < MANY; i++) {
        timers[i] = create(SIGRTMIN, i);
        due[i] = start + (int64_t)random_below(SECOND);
        CHECK_EQUAL(set(timers[i], TIMER_ABSTIME, due[i], 0), 0);
    }
    for (int64_t end = start + 60 * SECOND; left && read_clock(CLOCK_MONOTONIC) < end;)
        sleep_ns(10 * MILLISECOND);
    CHECK_EQUAL(left, 0);
    CHECK_EQUAL(early, 0);
    CHECK_EQUAL(strange, 0);
    int once = 0;
    for (int i = 0; i < MANY; i++) {
        once += fired[i] == 1;
        CHECK_EQUAL(syscall(SYS_timer_delete, timers[i]), 0);
    }
    CHECK_EQUAL(once, MANY);
}

static int latest[THREADS];

/* Deletes timers at about the moment at which they fire. */
static void *make_and_delete(void *argument) {
    int *mine = argument;

    for (int i = 0; i < ROUNDS; i++) {
        int64_t ns = 1 + (int64_t)(i * 7919 % 200000);
        int timer = create(SIGUSR1, WANTED);
        __atomic_store_n(mine, timer, __ATOMIC_SEQ_CST);
        CHECK_EQUAL(set(timer, 0, ns, i % 2 ? 100000 + ns : 0), 0);
        sleep_ns(ns);
        CHECK_EQUAL(syscall(SYS_timer_delete, timer), 0);
    }
    return NULL;
}

/* Timers that may just be deleted, or be another's by now. */
static void *disturb(void *argument) {
    unsigned n = 0;

    while (!over) {
        int timer = __atomic_load_n(&latest[n % THREADS], __ATOMIC_SEQ_CST);
        struct itimerspec t;
        errno = 0;
        if (set(timer, 0, 20000, n % 3 ? 0 : 300000))
            CHECK_EQUAL(errno, EINVAL);
        if (syscall(SYS_timer_gettime, timer, &t))
            CHECK_EQUAL(errno, EINVAL);
        if (n++ % 16 == 0)
            sleep_ns(100000);
    }
    return argument;
}

static void test_deleted_while_firing(void) {
    pthread_t threads[THREADS], other;

    handle(SIGUSR1, note_value, 0);
    CHECK_EQUAL(pthread_create(&other, NULL, disturb, NULL), 0);
    for (int i = 0; i < THREADS; i++)
        CHECK_EQUAL(pthread_create(&threads[i], NULL, make_and_delete, &latest[i]), 0);
    for (int i = 0; i < THREADS; i++)
        CHECK_EQUAL(pthread_join(threads[i], NULL), 0);
    over = 1;
    CHECK_EQUAL(pthread_join(other, NULL), 0);
    CHECK_EQUAL(strange, 0);
}

/* Numbers of timers that are gone are given again: there is no end to them. */
static void test_again_and_again(void) {
    int failed = 0;

    for (int i = 0; i < 6000; i++) {
        struct sigevent event = {.sigev_notify = SIGEV_NONE};
        int timer = -1;
        failed += syscall(SYS_timer_create, CLOCK_REALTIME, &event, &timer) != 0;
        failed += syscall(SYS_timer_delete, timer) != 0;
    }
    CHECK_EQUAL(failed, 0);
}

int main(void) {
    random_start();
    handle(SIGRTMIN, note, 0);
    test_many();
    test_deleted_while_firing();
    test_again_and_again();
    return checks_end();
}
