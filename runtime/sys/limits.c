/* SPDX-License-Identifier: MIT */
/* System calls: limits. */
#include <errno.h>
#include <sys/resource.h>

#include "fs/hooks.h"
#include "fs/limits.h"
#include "pv/access.h"
#include "signal/signal.h"
#include "sys/calls.h"

long atman_sys_prlimit64(int pid, int resource, const void *new, void *old) {
    struct rlimit wanted, was;
    long error = new ? user_read(&wanted, new, sizeof wanted) : 0;

    if (resource < 0 || resource >= RLIM_NLIMITS)
        return -EINVAL;
    if (error)
        return error;
    if (pid != 0 && pid != THE_PROCESS)
        return -ESRCH;
    struct rlimit *limit = limit_of(resource);
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
