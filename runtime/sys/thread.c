/* SPDX-License-Identifier: MIT */
/* System calls: the one thread. */
#include <errno.h>
#include <signal.h>

#include "init/shutdown.h"
#include "sched/clock.h"
#include "signal/report.h"
#include "sys/calls.h"
#include "xen/hypercall.h"
#include <time.h>

/* Linux's numbers, which no public header of the C library has. */
enum {
    ARCH_SET_FS = 0x1002,
    FUTEX_WAIT = 0,
    FUTEX_WAKE = 1,
    FUTEX_WAIT_BITSET = 9,
    FUTEX_WAKE_BITSET = 10,
    FUTEX_PRIVATE = 128,
    FUTEX_CLOCK_REALTIME = 256,
};

long atman_sys_sched_yield(void) {
    return 0;
}

long atman_sys_sched_getaffinity(int tid, size_t size, unsigned long *mask) {
    if (tid != 0 && tid != THE_PROCESS)
        return -ESRCH;
    if (size < sizeof *mask || size % sizeof *mask)
        return -EINVAL;
    *mask = 1;
    return sizeof *mask;
}

long atman_sys_arch_prctl(int code, unsigned long address) {
    return code == ARCH_SET_FS ? xen_set_segment_base(SEGBASE_FS, address) : -EINVAL;
}

long atman_sys_gettid(void) {
    return THE_PROCESS;
}

long atman_sys_set_tid_address(int *address) {
    (void)address; /* cleared for others to see when the thread ends: nobody is left then */
    return THE_PROCESS;
}

/* Nobody else can wake the one thread, so it waits for its time limit, or for ever. */
static long wait_for_nobody(const struct timespec *limit, bool absolute, bool realtime) {
    if (!limit) {
        report_call("deadlock: the only thread waits for a wake-up that nobody can give",
                    SIGABRT);
        shutdown_by_signal(SIGABRT);
    }
    enum { TIMER_ABSOLUTE = 1 };
    long error = atman_sys_clock_nanosleep(realtime ? CLOCK_REALTIME : CLOCK_MONOTONIC,
                                           absolute ? TIMER_ABSOLUTE : 0, limit, NULL);
    return error ? error : -ETIMEDOUT;
}

long atman_sys_futex(int *word, int operation, int value, const struct timespec *limit,
                     int *word2, int value3) {
    (void)word2;
    (void)value3;
    switch (operation & ~(FUTEX_PRIVATE | FUTEX_CLOCK_REALTIME)) {
    case FUTEX_WAKE:
    case FUTEX_WAKE_BITSET:
        return 0;
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET:
        if (__atomic_load_n(word, __ATOMIC_SEQ_CST) != value)
            return -EAGAIN;
        return wait_for_nobody(limit, (operation & 127) == FUTEX_WAIT_BITSET,
                               operation & FUTEX_CLOCK_REALTIME);
    default:
        return -ENOSYS;
    }
}
