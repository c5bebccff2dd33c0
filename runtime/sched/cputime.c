/* SPDX-License-Identifier: MIT */
/*
 * The rate at which ticks become nanoseconds is kept as it was at first, while Xen's is
 * corrected now and then: what grows in ticks must not shrink in nanoseconds.
 */
#include "sched/cputime.h"

#include <errno.h>

#include "sched/clock.h"
#include "sched/schedule.h"

static struct xen_time_rate rate;
uint64_t cputime_alone;

void cputime_init(void) {
    rate = xen_time_rate();
    cputime_alone = clock_run(0);
}

uint64_t cputime_ns(uint64_t ticks) {
    return xen_time_scale(ticks, rate);
}

uint64_t cputime_thread(struct thread *t) {
    return cputime_ns(schedule_ticks(t)) + (t == &thread_main ? cputime_alone : 0);
}

uint64_t cputime_process(void) {
    uint64_t ticks = 0;

    for (unsigned i = 0; i < vcpus_started; i++)
        ticks += schedule_busy_ticks(vcpu_of(i));
    return cputime_ns(ticks) + cputime_alone;
}

long cputime_read(int tid, uint64_t *ns) {
    if (tid <= 0) {
        *ns = tid ? cputime_process() : cputime_thread(thread_current());
        return 0;
    }
    lock_take(&threads_lock);
    struct thread *t = thread_find(tid);
    if (t)
        *ns = cputime_thread(t);
    lock_drop(&threads_lock);
    return t ? 0 : -EINVAL;
}
