/* SPDX-License-Identifier: MIT */
/* Xen's clocks, as one vCPU or several read them. */
#include "xen/time.h"

#include "pv/line.h"
#include "xen/lock.h"
#include "xen/now.h"

uint64_t xen_now_offset;
uint64_t xen_now_latest;
uint64_t (*xen_now_shared)(void);

uint64_t xen_time_system(void) {
    return xen_now();
}

/* A vCPU's own clock goes with its own counter, so the thread must stay there. */
static uint64_t read_own(void) {
    events_off();
    xen_clock *own = &xen_shared_info.vcpu_info[THIS_LINE->index].time;
    uint64_t now = xen_now_forward(own, xen_now_read(own));
    events_on();
    return now;
}

void xen_time_share(void) {
    __atomic_store_n(&xen_now_shared, read_own, __ATOMIC_SEQ_CST);
    read_own(); /* the others begin with no less */
}

struct xen_time_rate xen_time_rate(void) {
    xen_clock *first = &xen_shared_info.vcpu_info[0].time;
    struct xen_time_rate rate;
    uint32_t version;

    do {
        version = first->version & ~1u;
        barrier();
        rate = (struct xen_time_rate){first->tsc_shift, first->tsc_to_system_mul};
        barrier();
    } while (version != first->version);
    return rate;
}

uint64_t xen_time_scale(uint64_t ticks, struct xen_time_rate rate) {
    return xen_now_scale(ticks, rate.shift, rate.fraction);
}

uint64_t xen_time_wall_base(void) {
    return xen_now_wall_base();
}

uint64_t xen_time_own(uint64_t system) {
    uint64_t own = system - xen_now_offset;

    return (int64_t)own > 0 ? own : 1;
}

uint64_t xen_time_away;
static uint64_t stopped_at, stopped_wall;

void xen_time_stop(void) {
    stopped_at = xen_time_system();
    stopped_wall = stopped_at + xen_time_wall_base();
}

/* The clock is told to go on from where it stopped; the wall clock may have been set back.
 */
void xen_time_go_on(void) {
    xen_clock *own = &xen_shared_info.vcpu_info[THIS_LINE->index].time;
    uint64_t offset = xen_now_offset + stopped_at - xen_now_read(own);

    __atomic_store_n(&xen_now_offset, offset, __ATOMIC_RELAXED);
    int64_t away = (int64_t)(stopped_at + xen_time_wall_base() - stopped_wall);
    if (away > 0)
        xen_time_away += (uint64_t)away;
}
