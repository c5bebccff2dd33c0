/* SPDX-License-Identifier: MIT */
/*
 * System calls: limits. The hard ones are what there is; the soft ones may be set below
 * them. Most are only kept: nothing here comes from others, whom a limit would protect.
 */
#include <errno.h>
#include <sys/resource.h>

#include "fs/hooks.h"
#include "init/config.h"
#include "pv/access.h"
#include "signal/signal.h"
#include "sys/calls.h"

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

long atman_sys_prlimit64(int pid, int resource, const void *new, void *old) {
    struct rlimit wanted, was;
    long error = new ? user_read(&wanted, new, sizeof wanted) : 0;

    if (resource < 0 || resource >= RLIM_NLIMITS)
        return -EINVAL;
    if (error)
        return error;
    if (pid != 0 && pid != THE_PROCESS)
        return -ESRCH;
    struct rlimit *limit = &limits[resource];
    if (resource == RLIMIT_STACK && limit->rlim_max == RLIM_INFINITY)
        *limit = (struct rlimit)BOTH(config.stack_size);
    was = *limit;
    if (new && wanted.rlim_cur > wanted.rlim_max)
        return -EINVAL;
    if (new && wanted.rlim_max > was.rlim_max)
        return -EPERM;
    if (new)
        *limit = wanted;
    if (new && resource == RLIMIT_SIGPENDING)
        signal_queue_limit = (unsigned)wanted.rlim_cur;
    if (new && resource == RLIMIT_NOFILE)
        files_limit = (unsigned)wanted.rlim_cur;
    if (new && resource == RLIMIT_FSIZE)
        file_size_limit = wanted.rlim_cur;
    return old ? user_write(old, &was, sizeof was) : 0;
}

long atman_sys_getrlimit(int resource, void *limit) {
    return limit ? atman_sys_prlimit64(0, resource, NULL, limit) : -EFAULT;
}

long atman_sys_setrlimit(int resource, const void *limit) {
    return limit ? atman_sys_prlimit64(0, resource, limit, NULL) : -EFAULT;
}
