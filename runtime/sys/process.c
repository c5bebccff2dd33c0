/* SPDX-License-Identifier: MIT */
/* System calls: the one process, what it knows of its machine, and how it ends. */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/random.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include "base/string.h"
#include "fs/entropy.h"
#include "fs/host.h"
#include "init/shutdown.h"
#include "mm/page.h"
#include "mm/space.h"
#include "pv/access.h"
#include "sched/clock.h"
#include "sched/thread.h"
#include "sys/calls.h"

enum {
    GRND_INSECURE_ = 4, /* Linux's GRND_INSECURE, which not every C library has */
    RANDOM_MOST = 0x7fffffff,
    THREADS_MOST = 0xffff,
};

long atman_sys_getpid(void) {
    return THE_PROCESS;
}

long atman_sys_getppid(void) {
    return 0;
}

long atman_sys_exit_group(int status) {
    shutdown_with_status(status);
}

static void copy_name(char *to, const char *from) {
    memcpy(to, from, MIN(strlen(from), (size_t)HOST_NAME_MOST));
}

long atman_sys_uname(struct utsname *name) {
    struct utsname mine = {
        .sysname = HOST_SYSTEM,
        .release = ATMAN_VERSION,
        .version = HOST_VERSION,
        .machine = "x86_64",
    };

    copy_name(mine.nodename, host_name());
    copy_name(mine.domainname, host_domain());
    return user_write(name, &mine, sizeof mine);
}

static long set_name(char *name, const char *from, long size) {
    char new[HOST_NAME_MOST + 1] = "";

    if (size < 0 || size > HOST_NAME_MOST)
        return -EINVAL;
    long error = user_read(new, from, (size_t)size);
    if (!error)
        memcpy(name, new, sizeof new);
    return error;
}

long atman_sys_sethostname(const char *name, long size) {
    return set_name(host_name_set, name, size);
}

long atman_sys_setdomainname(const char *name, long size) {
    return set_name(host_domain_set, name, size);
}

/* Never blocks: the processor's numbers are good from the beginning. */
long atman_sys_getrandom(void *buffer, size_t size, unsigned flags) {
    char bytes[64];
    size_t done = 0;

    if (flags & ~(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE_) ||
        (flags & GRND_RANDOM && flags & GRND_INSECURE_))
        return -EINVAL;
    size = MIN(size, (size_t)RANDOM_MOST);
    while (done < size) {
        size_t part = MIN(size - done, sizeof bytes);
        entropy_read(bytes, part);
        if (user_write((char *)buffer + done, bytes, part))
            return done ? (long)done : -EFAULT;
        done += part;
    }
    return (long)size;
}

long atman_sys_sysinfo(struct sysinfo *info) {
    struct sysinfo mine = {
        .uptime = (clock_monotonic() - clock_start()) / NS_PER_SEC,
        .totalram = page_count(),
        .freeram = space_count_free(),
        .procs = (unsigned short)MIN(thread_live, (unsigned)THREADS_MOST),
        .mem_unit = PAGE_SIZE,
    };

    return user_write(info, &mine, offsetof(struct sysinfo, __reserved));
}
