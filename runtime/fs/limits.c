/* SPDX-License-Identifier: MIT */
/* What the calls that set limits and those of files have in common. */
#include "fs/limits.h"

#include "fs/hooks.h"
#include "init/config.h"
#include "signal/signal.h"

const struct files *files;
unsigned files_limit = 1024;
uint64_t file_size_limit = UINT64_MAX;
unsigned file_mask = 022;

#define BOTH(value) {(value), (value)}

static struct rlimit limits[RLIM_NLIMITS] = {
    [RLIMIT_CPU] = BOTH(RLIM_INFINITY),
    [RLIMIT_FSIZE] = BOTH(RLIM_INFINITY),
    [RLIMIT_DATA] = BOTH(RLIM_INFINITY),
    [RLIMIT_STACK] = BOTH(RLIM_INFINITY), /* until it is known */
    [RLIMIT_CORE] = BOTH(0),
    [RLIMIT_RSS] = BOTH(RLIM_INFINITY),
    [RLIMIT_NPROC] = BOTH(RLIM_INFINITY), /* threads count */
    [RLIMIT_NOFILE] = {1024, FILES_MOST},
    [RLIMIT_MEMLOCK] = BOTH(RLIM_INFINITY),
    [RLIMIT_AS] = BOTH(RLIM_INFINITY),
    [RLIMIT_LOCKS] = BOTH(RLIM_INFINITY),
    [RLIMIT_SIGPENDING] = BOTH(SIGNAL_QUEUE_MOST),
    [RLIMIT_MSGQUEUE] = BOTH(0),
    [RLIMIT_NICE] = BOTH(40),   /* 20 - nice */
    [RLIMIT_RTPRIO] = BOTH(99), /* of FIFO and RR */
    [RLIMIT_RTTIME] = BOTH(RLIM_INFINITY),
};

struct rlimit *limit_of(int resource) {
    struct rlimit *limit = &limits[resource];

    if (resource == RLIMIT_STACK && limit->rlim_max == RLIM_INFINITY)
        *limit = (struct rlimit)BOTH(config.stack_size);
    return limit;
}
