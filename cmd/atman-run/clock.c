/* SPDX-License-Identifier: MIT */
/*
 * Time limits: see clock.h.
 */
#include "clock.h"

#include <limits.h>
#include <time.h>

int64_t clock_now(void) {
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + 1;
}

int clock_until(int64_t moment) {
    int64_t rest;

    if (moment == 0)
        return -1;
    rest = moment - clock_now();
    if (rest < 0)
        return 0;
    return rest > INT_MAX ? INT_MAX : (int)rest;
}
