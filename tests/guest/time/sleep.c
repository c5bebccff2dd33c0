/* SPDX-License-Identifier: MIT */
/* Sleeping: never too short, not absurdly long, and errors for times that are none. */
// native:
// stdout-from: checks
#define _GNU_SOURCE
#include <stdint.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

static const int64_t second = 1000000000;
static const int64_t absurd = 8000000000; /* a busy build machine may take its time */

static int64_t read_clock(clockid_t clock) {
    struct timespec t;

    clock_gettime(clock, &t);
    return t.tv_sec * second + t.tv_nsec;
}

static struct timespec to_timespec(int64_t ns) {
    return (struct timespec){.tv_sec = ns / second, .tv_nsec = ns % second};
}

static void check_slept(int64_t began, int64_t wanted) {
    int64_t slept = read_clock(CLOCK_MONOTONIC) - began;

    if (!CHECK(slept >= wanted && slept < wanted + absurd))
        printf("    %ld ns, wanted %ld\n", (long)slept, (long)wanted);
}

static void test_relative(void) {
    static const int64_t times[] = {0,       1,         1000,     49999,    50001,
                                    1000000, 999999999, 10000000, 123456789};

    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        struct timespec t = to_timespec(times[i]), left = {77, 77};
        int64_t began = read_clock(CLOCK_MONOTONIC);
        CHECK_EQUAL(nanosleep(&t, &left), 0);
        check_slept(began, times[i]);
        CHECK(left.tv_sec == 77 && left.tv_nsec == 77); /* nothing interrupted it */
    }
    for (int i = 0; i < 300; i++) {
        struct timespec t = to_timespec(i * 1000);
        int64_t began = read_clock(CLOCK_MONOTONIC);
        CHECK_EQUAL(clock_nanosleep(CLOCK_MONOTONIC, 0, &t, NULL), 0);
        check_slept(began, i * 1000);
    }
    int64_t began = read_clock(CLOCK_MONOTONIC);
    CHECK_EQUAL(usleep(20000), 0);
    check_slept(began, 20000000);
    began = read_clock(CLOCK_MONOTONIC);
    CHECK_EQUAL(sleep(1), 0);
    check_slept(began, second);
}

static void test_absolute(clockid_t clock) {
    for (int64_t ns = -second; ns <= second / 5; ns += 40000000) {
        int64_t began = read_clock(CLOCK_MONOTONIC), until = read_clock(clock) + ns;
        struct timespec t = to_timespec(until);
        CHECK_EQUAL(clock_nanosleep(clock, TIMER_ABSTIME, &t, NULL), 0);
        CHECK(read_clock(clock) >= until);
        CHECK(read_clock(CLOCK_MONOTONIC) - began < absurd);
    }
}

static void test_errors(void) {
    struct timespec wrong[] = {{0, -1}, {0, second}, {-1, 0}, {1, 2 * second}};

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        CHECK_FAILS(nanosleep(&wrong[i], NULL), EINVAL);
        CHECK_EQUAL(clock_nanosleep(CLOCK_MONOTONIC, 0, &wrong[i], NULL), EINVAL);
        CHECK_EQUAL(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &wrong[i], NULL),
                    EINVAL);
    }
    struct timespec t = {0, 1};
    CHECK_EQUAL(clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &t, NULL), EINVAL);
    CHECK_EQUAL(clock_nanosleep(99, 0, &t, NULL), EINVAL);
}

int main(void) {
    test_relative();
    test_absolute(CLOCK_MONOTONIC);
    test_absolute(CLOCK_REALTIME);
    test_absolute(CLOCK_BOOTTIME);
    test_errors();
    return checks_end();
}
