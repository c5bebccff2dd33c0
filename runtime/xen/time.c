/* SPDX-License-Identifier: MIT */
/* Xen writes a version before and after each change; odd means that one is going on. */
#include "xen/time.h"

#include "xen/domain.h"

static uint64_t read_tsc(void) {
    uint32_t low, high;

    __asm__ __volatile__("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
    return (uint64_t)high << 32 | low;
}

/* Ticks to nanoseconds: a shift, then a fraction of 2^32. */
static uint64_t scale(uint64_t ticks, int8_t shift, uint32_t fraction) {
    ticks = shift < 0 ? ticks >> -shift : ticks << shift;
    return (uint64_t)((unsigned __int128)ticks * fraction >> 32);
}

uint64_t xen_time_system(void) {
    const volatile struct vcpu_time_info *time = &xen_shared_info.vcpu_info[0].time;
    uint32_t version;
    uint64_t now;

    do {
        version = time->version & ~1u;
        barrier();
        now = time->system_time + scale(read_tsc() - time->tsc_timestamp, time->tsc_shift,
                                        time->tsc_to_system_mul);
        barrier();
    } while (version != time->version);
    return now;
}

uint64_t xen_time_wall_base(void) {
    const volatile struct shared_info *info = &xen_shared_info;
    uint32_t version;
    uint64_t base;

    do {
        version = info->wc_version & ~1u;
        barrier();
        base =
            ((uint64_t)info->wc_sec_hi << 32 | info->wc_sec) * NS_PER_SEC + info->wc_nsec;
        barrier();
    } while (version != info->wc_version);
    return base;
}
