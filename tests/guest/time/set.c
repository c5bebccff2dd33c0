/* SPDX-License-Identifier: MIT */
/*
 * Setting clocks: those that cannot be set, and times that are none, are refused. The wall
 * clock is the hypervisor's; a program may not move it. Not for the build host: there it
 * might succeed.
 */
// stdout-from: checks
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <unistd.h>

#include "check.h"
#include "handlers.h"

int main(void) {
    struct timespec wrong[] = {{0, -1}, {0, SECOND}, {-1, 0}};
    int64_t before = read_clock(CLOCK_REALTIME);
    struct timespec early = to_timespec(1000 * SECOND);
    struct timeval day = {.tv_sec = 1000};
    struct timezone utc = {.tz_minuteswest = 0};
    struct timex change = {.modes = ADJ_FREQUENCY, .freq = 1000};
    clockid_t own = 0;

    CHECK_FAILS(clock_settime(CLOCK_MONOTONIC, &early), EINVAL);
    CHECK_FAILS(clock_settime(CLOCK_BOOTTIME, &early), EINVAL);
    CHECK_FAILS(clock_settime(99, &early), EINVAL);
    for (int i = 0; i < 3; i++)
        CHECK_FAILS(clock_settime(CLOCK_REALTIME, &wrong[i]), EINVAL);
    CHECK_FAILS(clock_settime(CLOCK_REALTIME, &early), EPERM);
    CHECK_FAILS(settimeofday(&day, NULL), EPERM);
    CHECK_FAILS(syscall(SYS_settimeofday, &day, NULL), EPERM);
    CHECK_FAILS(syscall(SYS_settimeofday, NULL, &utc), EPERM);
    day.tv_usec = 1000000;
    CHECK_FAILS(syscall(SYS_settimeofday, &day, NULL), EINVAL);
    /* processor time of a thread: nobody may; the process's: there is nothing to set */
    CHECK_EQUAL(pthread_getcpuclockid(pthread_self(), &own), 0);
    CHECK_FAILS(clock_settime(own, &early), EPERM);
    CHECK_FAILS(clock_settime(CLOCK_THREAD_CPUTIME_ID, &early), EINVAL);
    CHECK_FAILS(clock_settime(CLOCK_TAI, &early), EINVAL);
    CHECK_FAILS(adjtimex(&change), EPERM);
    CHECK_FAILS(clock_adjtime(CLOCK_REALTIME, &change), EPERM);
    CHECK_FAILS(adjtime(&(struct timeval){.tv_sec = 1}, NULL), EPERM);
    int64_t after = read_clock(CLOCK_REALTIME);
    CHECK(after >= before && after < before + 60 * SECOND);
    return checks_end();
}
