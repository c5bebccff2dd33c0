/* SPDX-License-Identifier: MIT */
/* The program's clocks are Xen's. */
#include "sched/clock.h"

#include <errno.h>
#include <time.h>

#include "base/string.h"
#include "log/log.h"
#include "pv/line.h"
#include "sched/hooks.h"
#include "sched/thread.h"
#include "xen/event.h"
#include "xen/hypercall.h"
#include "xen/suspend.h"

/* Linux's ids of such clocks: the complement of a thread's or process's, and bits. */
enum { CPU_CLOCK_BITS = 3, CPU_CLOCK_KIND = 3, CPU_CLOCK_KINDS = 3, CPU_CLOCK_THREAD = 4 };

uint64_t clock_started;

void clock_init(void) {
    clock_started = clock_monotonic();
    log_set_start(clock_started);
}

bool clock_has_come(uint64_t until) {
    if (until & CLOCK_WALL)
        return clock_realtime() >= (until & ~CLOCK_WALL);
    return clock_monotonic() >= until;
}

/* 0 would be no moment. */
uint64_t clock_of_boottime(uint64_t ns) {
    uint64_t until = ns + clock_start();

    return until > xen_time_away ? until - xen_time_away : 1;
}

/* The wall clock is read before the other, or it would not be there yet at the end. */
uint64_t clock_next_look(uint64_t until) {
    enum { LOOK_NS = 10ul * NS_PER_SEC };

    if (!(until & CLOCK_WALL))
        return until;
    uint64_t wall = clock_realtime(), now = clock_monotonic(), at = until & ~CLOCK_WALL;
    uint64_t left = at > wall ? at - wall : 0, limit = LOOK_NS - now % LOOK_NS;
    return now + MIN(left, limit);
}

void clock_sleep_until(uint64_t until) {
    while (!clock_has_come(until))
        event_sleep(clock_next_look(until));
}

/* Xen's account begins anew where the domain goes on elsewhere. */
static struct clock_account before[VCPUS_MAX], now[VCPUS_MAX];

static void get_account(unsigned vcpu, struct clock_account *account) {
    struct vcpu_runstate_info state = {0};

    xen_vcpu_op(VCPUOP_get_runstate_info, vcpu, &state);
    account->run = before[vcpu].run + state.time[RUNSTATE_running];
    account->waited = before[vcpu].waited + state.time[RUNSTATE_runnable];
}

static bool stop(void) {
    for (unsigned i = 0; i < VCPUS_MAX; i++)
        get_account(i, &now[i]);
    return true;
}

static void go_on(bool is_elsewhere) {
    if (is_elsewhere)
        memcpy(before, now, sizeof before);
}

struct clock_account clock_account(unsigned vcpu) {
    static struct suspend_step step = {
        .order = SUSPEND_ACCOUNT, .stop = stop, .go_on = go_on};
    struct clock_account account;

    suspend_add(&step);
    get_account(vcpu, &account);
    return account;
}

uint64_t clock_run(unsigned vcpu) {
    return clock_account(vcpu).run;
}

long clock_of_cpu(int id, int *tid) {
    int owner = ~(id >> CPU_CLOCK_BITS);

    if (id == CLOCK_PROCESS_CPUTIME_ID)
        *tid = -1;
    else if (id == CLOCK_THREAD_CPUTIME_ID)
        *tid = 0;
    else if (id >= 0 || (id & CPU_CLOCK_KIND) == CPU_CLOCK_KINDS)
        return -EINVAL;
    else if (id & CPU_CLOCK_THREAD)
        *tid = owner;
    else if (owner == 0 || owner == thread_main.tid)
        *tid = -1;
    else
        return -EINVAL;
    return 0;
}

/* While there is one thread, its time is the hypervisor's account of the vCPU. */
static long read_cpu_clock(int id, uint64_t *ns) {
    int tid;
    long error = clock_of_cpu(id, &tid);

    if (error)
        return error;
    if (scheduler)
        return scheduler->cpu_time(tid, ns);
    if (tid > thread_main.tid)
        return -EINVAL;
    *ns = clock_run(0);
    return 0;
}

long clock_read(int id, uint64_t *ns) {
    switch (id) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
    case CLOCK_TAI: /* Linux, too, knows no leap seconds unless it is told */
        *ns = clock_realtime();
        return 0;
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_MONOTONIC_COARSE:
        *ns = clock_monotonic() - clock_start();
        return 0;
    case CLOCK_BOOTTIME:
        *ns = clock_monotonic() - clock_start() + xen_time_away;
        return 0;
    default:
        return read_cpu_clock(id, ns);
    }
}
