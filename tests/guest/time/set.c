/* SPDX-License-Identifier: MIT */
/*
 * Setting clocks: those that cannot be set, and times that are none, are refused. The wall
 * clock is the hypervisor's; a program may not move it. Not for the build host: there it
 * might succeed.
 */
// stdout-from: checks
#define _GNU_SOURCE
#include <sys/time.h>

#include "check.h"
#include "handlers.h"

int main(void) {
    struct timespec wrong[] = {{0, -1}, {0, SECOND}, {-1, 0}};
    int64_t before = read_clock(CLOCK_REALTIME);
    struct timespec early = to_timespec(1000 * SECOND);
    struct timeval day = {.tv_sec = 1000};

    CHECK_FAILS(clock_settime(CLOCK_MONOTONIC, &early), EINVAL);
    CHECK_FAILS(clock_settime(CLOCK_BOOTTIME, &early), EINVAL);
    CHECK_FAILS(clock_settime(99, &early), EINVAL);
    for (int i = 0; i < 3; i++)
        CHECK_FAILS(clock_settime(CLOCK_REALTIME, &wrong[i]), EINVAL);
    CHECK_FAILS(clock_settime(CLOCK_REALTIME, &early), EPERM);
    CHECK_FAILS(settimeofday(&day, NULL), EPERM);
    int64_t after = read_clock(CLOCK_REALTIME);
    CHECK(after >= before && after < before + 60 * SECOND);
    return checks_end();
}
