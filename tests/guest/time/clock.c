/* SPDX-License-Identifier: MIT */
/* Clocks: they agree, do not go back, and are the host's; errors for what is no clock. */
// native:
// stdout-like: the time is \d+\.\d+
// stdout-like: .* checks, 0 failed
// host-time: the time is ([\d.]+)
#define _GNU_SOURCE
#include <stdint.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

#include "check.h"

enum { READS = 1000000 };
static const int64_t second = 1000000000;

static int64_t read_clock(clockid_t clock) {
    struct timespec t = {-1, -1};

    CHECK_EQUAL(clock_gettime(clock, &t), 0);
    CHECK(t.tv_nsec >= 0 && t.tv_nsec < second);
    return t.tv_sec * second + t.tv_nsec;
}

static void test_never_back(clockid_t clock) {
    struct timespec last = {0}, now;
    unsigned back = 0, same = 0;

    for (unsigned i = 0; i < READS; i++) {
        clock_gettime(clock, &now);
        if (now.tv_sec < last.tv_sec ||
            (now.tv_sec == last.tv_sec && now.tv_nsec < last.tv_nsec))
            back++;
        same += now.tv_sec == last.tv_sec && now.tv_nsec == last.tv_nsec;
        last = now;
    }
    CHECK_EQUAL(back, 0);
    CHECK(same < READS / 2); /* it does move */
}

static void test_agree(void) {
    int64_t before = read_clock(CLOCK_REALTIME);
    time_t seconds = time(NULL), stored = 0;
    CHECK(time(&stored) >= seconds && stored >= seconds);
    struct timeval t;
    CHECK_EQUAL(gettimeofday(&t, NULL), 0);
    struct timespec u;
    CHECK_EQUAL(timespec_get(&u, TIME_UTC), TIME_UTC);
    int64_t after = read_clock(CLOCK_REALTIME);
    int64_t day = t.tv_sec * second + t.tv_usec * 1000;

    CHECK(seconds >= before / second - 1 && seconds <= after / second);
    CHECK(day >= before - 1000 && day <= after);
    CHECK(u.tv_sec * second + u.tv_nsec >= before &&
          u.tv_sec * second + u.tv_nsec <= after);
    CHECK(t.tv_usec >= 0 && t.tv_usec < 1000000);
}

/* Two clocks of one source run alike. */
static void test_same_speed(void) {
    int64_t wall = read_clock(CLOCK_REALTIME), steady = read_clock(CLOCK_MONOTONIC);

    while (read_clock(CLOCK_MONOTONIC) < steady + second / 10)
        ;
    int64_t apart =
        read_clock(CLOCK_REALTIME) - wall - (read_clock(CLOCK_MONOTONIC) - steady);
    CHECK(llabs(apart) < second / 20);
}

static void test_kinds(void) {
    static const clockid_t clocks[] = {
        CLOCK_REALTIME,          CLOCK_MONOTONIC,     CLOCK_PROCESS_CPUTIME_ID,
        CLOCK_THREAD_CPUTIME_ID, CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE,
        CLOCK_MONOTONIC_COARSE,  CLOCK_BOOTTIME,
    };

    for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
        struct timespec resolution = {-1, -1};
        int64_t first = read_clock(clocks[i]);
        CHECK(first > 0 && read_clock(clocks[i]) >= first);
        CHECK_EQUAL(clock_getres(clocks[i], &resolution), 0);
        CHECK(resolution.tv_sec == 0 && resolution.tv_nsec > 0);
        CHECK_EQUAL(clock_getres(clocks[i], NULL), 0);
    }
    struct timespec t;
    CHECK_FAILS(clock_gettime(99, &t), EINVAL);
    CHECK_FAILS(clock_getres(99, &t), EINVAL);
    CHECK(clock() != (clock_t)-1);
}

static void test_calendar(void) {
    time_t then = 1700000000;
    struct tm broken;
    char text[100];

    CHECK(gmtime_r(&then, &broken) == &broken);
    strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %j %a %b", &broken);
    CHECK(!strcmp(text, "2023-11-14 22:13:20 318 Tue Nov"));
    CHECK_EQUAL(timegm(&broken), then);
    setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    tzset();
    then = 1720000000;
    strftime(text, sizeof text, "%H:%M %Z %z", localtime_r(&then, &broken));
    CHECK(!strcmp(text, "11:46 CEST +0200"));
    CHECK_EQUAL(mktime(&broken), then);
    unsetenv("TZ");
    tzset();
    CHECK(localtime_r(&then, &broken)->tm_hour == 9);
}

int main(void) {
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    printf("the time is %ld.%09ld\n", (long)now.tv_sec, now.tv_nsec);
    test_never_back(CLOCK_MONOTONIC);
    test_never_back(CLOCK_REALTIME);
    test_agree();
    test_same_speed();
    test_kinds();
    test_calendar();
    return checks_end();
}
