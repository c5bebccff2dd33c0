/* SPDX-License-Identifier: MIT */
/* Far-off times saturate: the end of such a wait is not seen by anybody. */
#include "sched/deadline.h"

#include <errno.h>
#include <time.h>

#include "pv/access.h"
#include "sched/clock.h"

enum { LONGEST_SEC = 1l << 33 };

long deadline_read(const struct timespec *limit, bool absolute, bool realtime,
                   uint64_t *until) {
    struct timespec t;
    long error = user_read(&t, limit, sizeof t);

    if (error)
        return error;
    if (t.tv_sec < 0 || (unsigned long)t.tv_nsec >= NS_PER_SEC)
        return -EINVAL;
    uint64_t ns =
        MIN((uint64_t)t.tv_sec, (uint64_t)LONGEST_SEC) * NS_PER_SEC + (uint64_t)t.tv_nsec;
    uint64_t now = clock_monotonic();
    if (!absolute)
        *until = now + ns;
    else if (!realtime)
        *until = ns;
    else
        *until = ns > clock_realtime() ? now + (ns - clock_realtime()) : now;
    if (!*until)
        *until = 1;
    return 0;
}
