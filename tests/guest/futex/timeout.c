/* SPDX-License-Identifier: MIT */
/*
 * Time limits of futex waits: relative and absolute, on both clocks, never early; wrong
 * ones are errors; a wait that timed out is no longer counted.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include "futex/futex.h"
#include "random.h"

#include <limits.h>
#include <signal.h>

enum { WAIT_UNTIL = FUTEX_WAIT_BITSET | FUTEX_PRIVATE };

static volatile int word = 1;

static long wait_for(const struct timespec *time) {
    return futex(&word, FUTEX_WAIT | FUTEX_PRIVATE, 1, time, NULL, 0);
}

static long wait_until(int flags, const struct timespec *time) {
    return futex(&word, WAIT_UNTIL | flags, 1, time, NULL, -1);
}

static void test_relative(void) {
    static const long times[] = {0, 1, 999, 50000, MS, 20 * MS};

    for (size_t i = 0; i < LENGTH(times); i++) {
        struct timespec time = {.tv_nsec = times[i]};
        int64_t started = now_ns(CLOCK_MONOTONIC);

        CHECK_FAILS(wait_for(&time), ETIMEDOUT);
        CHECK(now_ns(CLOCK_MONOTONIC) - started >= times[i]);
    }
    CHECK_EQUAL(futex_wake(&word, 9), 0);
}

static void test_absolute(void) {
    static const struct {
        clockid_t clock;
        int flags;
    } kinds[] = {{CLOCK_MONOTONIC, 0}, {CLOCK_REALTIME, FUTEX_REALTIME}};

    for (size_t i = 0; i < LENGTH(kinds); i++) {
        struct timespec time = from_now(kinds[i].clock, 20);

        CHECK_FAILS(wait_until(kinds[i].flags, &time), ETIMEDOUT);
        CHECK(is_past(kinds[i].clock, &time));
        time = from_now(kinds[i].clock, 0);
        CHECK_FAILS(wait_until(kinds[i].flags, &time), ETIMEDOUT);
        time = (struct timespec){0};
        CHECK_FAILS(wait_until(kinds[i].flags, &time), ETIMEDOUT);
        /* the value is looked at before the time */
        CHECK_FAILS(futex(&word, WAIT_UNTIL | kinds[i].flags, 2, &time, NULL, -1), EAGAIN);
    }
    CHECK_EQUAL(futex_wake(&word, 9), 0);
}

static void test_wrong(void) {
    static const struct timespec wrong[] = {{0, SECOND},   {0, -1},       {-1, 0},
                                            {LONG_MIN, 0}, {1, LONG_MAX}, {5, LONG_MIN}};

    for (size_t i = 0; i < LENGTH(wrong); i++) {
        CHECK_FAILS(wait_for(&wrong[i]), EINVAL);
        CHECK_FAILS(wait_until(0, &wrong[i]), EINVAL);
        CHECK_FAILS(wait_until(FUTEX_REALTIME, &wrong[i]), EINVAL);
    }
    CHECK_FAILS(wait_for((void *)8), EFAULT);
    CHECK_FAILS(wait_for((void *)-4096), EFAULT);
    CHECK_FAILS(wait_until(0, (void *)8), EFAULT);
}

static volatile int woken;

struct long_wait {
    struct timespec limit;
    int relative, flags;
};

static void *wait_long(void *argument) {
    const struct long_wait *w = argument;

    CHECK_EQUAL(w->relative ? wait_for(&w->limit) : wait_until(w->flags, &w->limit), 0);
    add(&woken, 1);
    return NULL;
}

/* A limit that is far beyond what the clock will ever show is a wait until woken. */
static void test_far(void) {
    static struct long_wait waits[] = {
        {{1000000000000, 0}, 1, 0},
        {{LONG_MAX, 999999999}, 1, 0},
        {{LONG_MAX / SECOND, 0}, 1, 0},
        {{1000000000000, 0}, 0, 0},
        {{LONG_MAX, 999999999}, 0, 0},
        {{LONG_MAX / SECOND, 0}, 0, 0},
        {{1000000000000, 0}, 0, FUTEX_REALTIME},
        {{LONG_MAX, 999999999}, 0, FUTEX_REALTIME},
        {{LONG_MAX / SECOND, 0}, 0, FUTEX_REALTIME},
    };
    pthread_t threads[LENGTH(waits)];

    for (size_t i = 0; i < LENGTH(waits); i++)
        threads[i] = start(wait_long, &waits[i]);
    await_waiting(&word, 0, LENGTH(waits));
    sleep_ms(5);
    CHECK_EQUAL(load(&woken), 0);
    CHECK_EQUAL(futex_wake(&word, INT_MAX), LENGTH(waits));
    for (size_t i = 0; i < LENGTH(waits); i++)
        finish(threads[i]);
}

static void *sleep_randomly(void *argument) {
    unsigned seed = (unsigned)(uintptr_t)argument;

    for (int i = 0; i < 40; i++) {
        int realtime = rand_r(&seed) & 1;
        clockid_t clock = realtime ? CLOCK_REALTIME : CLOCK_MONOTONIC;
        int64_t until = now_ns(clock) + rand_r(&seed) % (3 * MS);
        struct timespec time = time_of(until);
        volatile int own = 0;

        CHECK_FAILS(
            futex(&own, WAIT_UNTIL | (realtime ? FUTEX_REALTIME : 0), 0, &time, NULL, 1),
            ETIMEDOUT);
        CHECK(now_ns(clock) >= until);
    }
    return NULL;
}

static void test_many(void) {
    pthread_t threads[16];

    for (size_t i = 0; i < LENGTH(threads); i++)
        threads[i] = start(sleep_randomly, (void *)(uintptr_t)random_next());
    for (size_t i = 0; i < LENGTH(threads); i++)
        finish(threads[i]);
}

static volatile int handled;

static void handle(int signal) {
    (void)signal;
    add(&handled, 1);
}

static volatile int interrupted;

static void *wait_interrupted(void *time) {
    interrupted =
        futex(&word, FUTEX_WAIT | FUTEX_PRIVATE, 1, time, NULL, 0) < 0 ? errno : 0;
    return NULL;
}

/* A handler ends a wait; with SA_RESTART only one that has a limit. */
static void test_interrupted(void) {
    static struct timespec minute = {60, 0};

    for (int restart = 0; restart < 2; restart++)
        for (int timed = 0; timed < 2; timed++) {
            struct sigaction action = {.sa_handler = handle,
                                       .sa_flags = restart ? SA_RESTART : 0};

            sigaction(SIGUSR1, &action, NULL);
            store(&handled, 0);
            pthread_t thread = start(wait_interrupted, timed ? &minute : NULL);
            await_waiting(&word, 0, 1);
            pthread_kill(thread, SIGUSR1);
            CHECK(await(&handled, 1));
            if (restart && !timed) {
                sleep_ms(5);
                CHECK_EQUAL(futex_wake(&word, 1), 1);
                finish(thread);
                CHECK_EQUAL(interrupted, 0);
            } else {
                finish(thread);
                CHECK_EQUAL(interrupted, EINTR);
                CHECK_EQUAL(futex_wake(&word, 1), 0);
            }
        }
}

int main(void) {
    random_start();
    RUN(test_relative);
    RUN(test_absolute);
    RUN(test_wrong);
    RUN(test_far);
    RUN(test_many);
    RUN(test_interrupted);
    return checks_end();
}
