/* SPDX-License-Identifier: MIT */
/* Far-off times saturate: the end of such a wait is not seen by anybody. */
#include "sched/deadline.h"

#include <errno.h>
#include <time.h>

#include "pv/access.h"
#include "sched/clock.h"

enum { LONGEST_SEC = 1l << 33 };

long deadline_ns(const struct timespec *time, uint64_t *ns) {
    struct timespec t;
    long error = user_read(&t, time, sizeof t);

    if (error)
        return error;
    if (t.tv_sec < 0 || (unsigned long)t.tv_nsec >= NS_PER_SEC)
        return -EINVAL;
    *ns = MIN((uint64_t)t.tv_sec, (uint64_t)LONGEST_SEC) * NS_PER_SEC + (uint64_t)t.tv_nsec;
    return 0;
}

long deadline_read(const struct timespec *limit, bool absolute, bool realtime,
                   uint64_t *until) {
    uint64_t ns;
    long error = deadline_ns(limit, &ns);

    if (error)
        return error;
    if (absolute && realtime)
        *until = ns | CLOCK_WALL;
    else
        *until = ns + (absolute ? clock_start() : clock_monotonic());
    return 0;
}
