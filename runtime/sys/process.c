/* SPDX-License-Identifier: MIT */
/* System calls: the one process, who it is, what it may use and how it ends. */
#include <errno.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include "base/string.h"
#include "init/config.h"
#include "init/shutdown.h"
#include "mm/page.h"
#include "mm/space.h"
#include "sched/clock.h"
#include "sys/calls.h"
#include "sys/entropy.h"

long atman_sys_getpid(void) {
    return THE_PROCESS;
}

long atman_sys_getppid(void) {
    return 0;
}

long atman_sys_getuid(void) {
    return 0;
}

long atman_sys_getgid(void) {
    return 0;
}

long atman_sys_geteuid(void) {
    return 0;
}

long atman_sys_getegid(void) {
    return 0;
}

long atman_sys_exit_group(int status) {
    shutdown_with_status(status);
}

long atman_sys_uname(struct utsname *name) {
    static const struct utsname mine = {
        .sysname = "Atman",
        .nodename = "localhost",
        .release = ATMAN_VERSION,
        .version = "Xen PV",
        .machine = "x86_64",
    };

    *name = mine;
    return 0;
}

long atman_sys_getrandom(void *buffer, size_t size, unsigned flags) {
    if (flags & ~(GRND_NONBLOCK | GRND_RANDOM | 4u /* GRND_INSECURE */))
        return -EINVAL;
    entropy_read(buffer, size);
    return (long)size;
}

long atman_sys_sysinfo(struct sysinfo *info) {
    memset(info, 0, sizeof *info);
    info->uptime = (clock_monotonic() - clock_start()) / NS_PER_SEC;
    info->totalram = page_count();
    info->freeram = space_count_free();
    info->procs = 1;
    info->mem_unit = PAGE_SIZE;
    return 0;
}

/* Limits are facts here, not settings: what is asked for beyond them is refused. */
long atman_sys_prlimit64(int pid, int resource, const void *new, void *old) {
    struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};

    if (pid != 0 && pid != THE_PROCESS)
        return -ESRCH;
    switch (resource) {
    case RLIMIT_STACK:
        limit.rlim_cur = limit.rlim_max = config.stack_size;
        break;
    case RLIMIT_NOFILE:
        limit.rlim_cur = limit.rlim_max = 3;
        break;
    case RLIMIT_NPROC:
        limit.rlim_cur = limit.rlim_max = 1;
        break;
    case RLIMIT_CORE:
        limit.rlim_cur = limit.rlim_max = 0;
        break;
    default:
        if (resource < 0 || resource >= RLIM_NLIMITS)
            return -EINVAL;
    }
    if (new && memcmp(new, &limit, sizeof limit))
        return -EPERM;
    if (old)
        memcpy(old, &limit, sizeof limit);
    return 0;
}
