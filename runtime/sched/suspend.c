/* SPDX-License-Identifier: MIT */
/*
 * A vCPU stands still in a kernel entry that interrupted user mode with events on: so it
 * holds no lock, changes no page table, and has no machine frame's number in hand. Its
 * registers are the toolstack's to move.
 */
#include "sched/suspend.h"

#include "base/panic.h"
#include "log/log.h"
#include "sched/cputime.h"
#include "sched/portwait.h"
#include "sched/vcpu.h"
#include "xen/domain.h"
#include "xen/event.h"
#include "xen/hypercall.h"
#include "xen/suspend.h"
#include "xen/time.h"
#include "xen/upcall.h"

static bool is_wanted;
static unsigned parked;
static uint64_t stopped_at; /* in ticks */

#define LIMIT_NS (5 * NS_PER_SEC)
#define TICK_NS (NS_PER_SEC / 10000)

void suspend_park(void) {
    if (!__atomic_load_n(&is_wanted, __ATOMIC_ACQUIRE))
        return;
    __atomic_fetch_add(&parked, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&is_wanted, __ATOMIC_ACQUIRE))
        xen_sched_op(SCHEDOP_yield, NULL);
    __atomic_fetch_sub(&parked, 1, __ATOMIC_SEQ_CST);
    timer_again();
}

/* More vCPUs may be started until the last one is parked. */
static bool are_parked(void) {
    unsigned count = __atomic_load_n(&parked, __ATOMIC_SEQ_CST);

    for (unsigned i = 1; i < vcpus_started; i++)
        count += vcpu_is_resting(vcpu_of(i));
    return count + 1 == __atomic_load_n(&vcpus_started, __ATOMIC_ACQUIRE);
}

static bool stop(void) {
    uint64_t now = xen_time_system(), until = now + LIMIT_NS;

    __atomic_store_n(&is_wanted, true, __ATOMIC_SEQ_CST);
    while (!are_parked()) {
        if (now >= until) {
            log_error("not suspended: a vCPU does not stop");
            return false;
        }
        for (unsigned i = 1; i < vcpus_started; i++)
            vcpu_poke(vcpu_of(i));
        event_sleep(now + TICK_NS);
        now = xen_time_system();
    }
    stopped_at = cputime_ticks();
    return true;
}

/* The counter may be another processor's. Nobody has had the time in between. */
static void move_ticks(uint64_t by) {
    for (unsigned i = 0; i < vcpus_started; i++) {
        struct vcpu *v = vcpu_of(i);
        v->began += by;
        v->current->since += by;
    }
}

static void bind_all(void) {
    upcall_forget();
    for (unsigned i = 0; i < vcpus_started; i++)
        if (!vcpu_bind_events(vcpu_of(i)))
            panic("a vCPU has no events any more");
    upcall_bind(xen_start_info->store_evtchn, event_early.handler);
    portwait_again();
}

static void go_on(bool is_elsewhere) {
    if (are_parked())
        move_ticks(cputime_ticks() - stopped_at);
    if (is_elsewhere) {
        vcpu_forget_resting();
        bind_all();
    }
    __atomic_store_n(&is_wanted, false, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&parked, __ATOMIC_SEQ_CST)) /* or they would count next time */
        xen_sched_op(SCHEDOP_yield, NULL);
    timer_again();
}

void suspend_vcpus_too(void) {
    static struct suspend_step step = {
        .order = SUSPEND_VCPUS, .stop = stop, .go_on = go_on};

    suspend_add(&step);
}
