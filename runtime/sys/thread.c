/* SPDX-License-Identifier: MIT */
/* System calls: threads, as far as a program with one of them needs them. */
#include <errno.h>
#include <signal.h>

#include "init/shutdown.h"
#include "pv/access.h"
#include "pv/mode.h"
#include "sched/clock.h"
#include "sched/deadline.h"
#include "sched/futex_abi.h"
#include "sched/hooks.h"
#include "sched/thread.h"
#include "signal/report.h"
#include "sys/calls.h"

/* Linux's numbers, which no public header of the C library has. */
enum {
    ARCH_SET_GS = 0x1001,
    ARCH_SET_FS = 0x1002,
    ARCH_GET_FS = 0x1003,
};

long atman_sys_exit(int status) {
    if (scheduler)
        scheduler->exit();
    shutdown_with_status(status);
}

long atman_sys_sched_yield(void) {
    if (scheduler)
        scheduler->yield();
    return 0;
}

/* %gs is the runtime's own. */
long atman_sys_arch_prctl(int code, unsigned long address) {
    struct thread *t = thread_current();
    unsigned long base = mode_get_fs(t->fs_base);

    switch (code) {
    case ARCH_SET_FS:
        if (address >> 47)
            return -EPERM;
        t->fs_base = address;
        mode_set_fs(address);
        return 0;
    case ARCH_GET_FS:
        return user_write((void *)address, &base, sizeof base);
    case ARCH_SET_GS:
        return -EPERM;
    default:
        return -EINVAL;
    }
}

long atman_sys_gettid(void) {
    return thread_current()->tid;
}

long atman_sys_set_tid_address(int *address) {
    struct thread *t = thread_current();

    t->clear_tid = address;
    return t->tid;
}

/* Nobody can wake the only thread, so it waits for its time limit, or for ever. */
static long wait_alone(const uint32_t *word, uint32_t value, const struct timespec *limit,
                       bool absolute, bool realtime) {
    uint32_t now;
    uint64_t until;
    long error = user_load32(word, &now);

    if (error || now != value)
        return error ? error : -EAGAIN;
    if (!limit) {
        report_call("deadlock: the only thread waits for a wake-up that nobody can give",
                    SIGABRT);
        shutdown_by_signal(SIGABRT);
    }
    error = deadline_read(limit, absolute, realtime, &until);
    if (!error)
        clock_sleep_until(until);
    return error ? error : -ETIMEDOUT;
}

long atman_sys_futex(uint32_t *word, int operation, uint32_t value,
                     const struct timespec *limit, uint32_t *word2, uint32_t value3) {
    if (scheduler)
        return scheduler->futex(word, operation, value, limit, word2, value3);
    switch (operation & ~(FUTEX_PRIVATE | FUTEX_CLOCK_REALTIME)) {
    case FUTEX_WAKE:
    case FUTEX_WAKE_BITSET:
        return 0;
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET:
        return wait_alone(word, value, limit, (operation & 127) == FUTEX_WAIT_BITSET,
                          operation & FUTEX_CLOCK_REALTIME);
    default:
        return -ENOSYS;
    }
}
