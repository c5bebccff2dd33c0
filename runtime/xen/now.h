/* SPDX-License-Identifier: MIT */
/*
 * xen_time_system() and xen_time_wall_base() without a call, for what is asked for so often
 * that it counts.
 *
 * Xen writes a version before and after each change; odd means that one is going on. Unless
 * Xen says that its clock is the processors' common counter, clocks of two vCPUs, or of one
 * before and after Xen has moved it, may be a little apart: what was read last is the least
 * that is read next.
 */
#ifndef ATMAN_XEN_NOW_H
#define ATMAN_XEN_NOW_H

#include "xen/domain.h"

typedef const volatile struct vcpu_time_info xen_clock;

/*
 * What is added to Xen's own time (ns, modulo 2^64): the domain may have been suspended,
 * and be on another host now. It changes while no thread runs, so whoever finds it changed
 * reads again.
 */
extern uint64_t xen_now_offset;

/* The latest time that was read, and the way to read it; NULL while only the first vCPU
 * runs. */
extern uint64_t xen_now_latest;
extern uint64_t (*xen_now_shared)(void);

/* Ticks to nanoseconds: a shift, then a fraction of 2^32. The barrier keeps one of the two
 * shifts from being made in vain. */
ALWAYS_INLINE uint64_t xen_now_scale(uint64_t ticks, int8_t shift, uint32_t fraction) {
    if (shift < 0) {
        ticks >>= -shift;
        barrier();
    } else {
        ticks <<= shift;
    }
    return (uint64_t)((unsigned __int128)ticks * fraction >> 32);
}

ALWAYS_INLINE uint64_t xen_now_read(xen_clock *clock) {
    uint32_t version, low, high;
    uint64_t now, offset;

    do {
        version = clock->version & ~1u;
        offset = __atomic_load_n(&xen_now_offset, __ATOMIC_RELAXED);
        barrier();
        __asm__ __volatile__("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
        uint64_t ticks = ((uint64_t)high << 32 | low) - clock->tsc_timestamp;
        now = clock->system_time + offset +
              xen_now_scale(ticks, clock->tsc_shift, clock->tsc_to_system_mul);
        barrier();
    } while (version != clock->version ||
             offset != __atomic_load_n(&xen_now_offset, __ATOMIC_RELAXED));
    return now;
}

ALWAYS_INLINE uint64_t xen_now_forward(xen_clock *clock, uint64_t now) {
    uint64_t last;

    if (clock->flags & XEN_PVCLOCK_TSC_STABLE_BIT)
        return now;
    last = __atomic_load_n(&xen_now_latest, __ATOMIC_RELAXED);
    do
        if (now <= last)
            return last;
    while (!__atomic_compare_exchange_n(&xen_now_latest, &last, now, true, __ATOMIC_SEQ_CST,
                                        __ATOMIC_RELAXED));
    return now;
}

ALWAYS_INLINE uint64_t xen_now(void) {
    xen_clock *first = &xen_shared_info.vcpu_info[0].time;
    uint64_t now = xen_now_read(first);

    /* Looked at last: meanwhile the thread may have been moved to a vCPU that is new. */
    return xen_now_shared ? xen_now_shared() : xen_now_forward(first, now);
}

ALWAYS_INLINE uint64_t xen_now_wall_base(void) {
    const volatile struct shared_info *info = &xen_shared_info;
    uint32_t version;
    uint64_t base, offset;

    do {
        version = info->wc_version & ~1u;
        offset = __atomic_load_n(&xen_now_offset, __ATOMIC_RELAXED);
        barrier();
        base =
            ((uint64_t)info->wc_sec_hi << 32 | info->wc_sec) * NS_PER_SEC + info->wc_nsec;
        barrier();
    } while (version != info->wc_version ||
             offset != __atomic_load_n(&xen_now_offset, __ATOMIC_RELAXED));
    return base - offset;
}

#endif
