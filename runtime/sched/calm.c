/* SPDX-License-Identifier: MIT */
#include "sched/calm.h"

#include "sched/clock.h"

enum {
    IDLE = 8,       /* events without news that cost nothing */
    IDLE_MOST = 10, /* doublings of the pause for more */
};

#define IDLE_NS (NS_PER_SEC / 10000)

uint64_t calm_until(struct calm *calm, bool had_news) {
    calm->idle = had_news ? 0 : calm->idle + 1;
    if (calm->idle <= IDLE)
        return 0;
    unsigned doublings = MIN(calm->idle - IDLE, (unsigned)IDLE_MOST);
    return clock_monotonic() + (IDLE_NS << doublings);
}
